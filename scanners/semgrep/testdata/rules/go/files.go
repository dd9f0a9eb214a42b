package main

import (
	"archive/tar"
	"archive/zip"
	"net/http"
	"os"
	"path"
	"path/filepath"

	"github.com/gin-gonic/gin"
)

func download(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	// ruleid: go-path-traversal
	os.ReadFile(filepath.Join("/srv/files", name))
	// ruleid: go-path-traversal
	http.ServeFile(w, r, "/srv/files/"+r.FormValue("name"))
	// ok: go-path-traversal
	os.ReadFile(filepath.Join("/srv/files", filepath.Base(name)))
	// ok: go-path-traversal
	os.ReadFile("/srv/files" + path.Clean("/"+name))
	if !filepath.IsLocal(name) {
		return
	}
	// ok: go-path-traversal
	os.ReadFile(filepath.Join("/srv/files", name))
}

func ginDownload(c *gin.Context) {
	// ruleid: go-path-traversal
	c.File("/srv/files/" + c.Param("name"))
	// ok: go-path-traversal
	c.File("/srv/files/index.html")
}

func unzip(archive *zip.Reader, target string) {
	for _, f := range archive.File {
		// ruleid: go-zip-slip
		os.Create(filepath.Join(target, f.Name))
		// ok: go-zip-slip
		os.Create(filepath.Join(target, filepath.Base(f.Name)))
	}
	for _, f := range archive.File {
		file := filepath.Join(target, f.Name)
		if !strings.HasPrefix(file, target+"/") {
			continue
		}
		// ok: go-zip-slip
		os.Create(file)
	}
}

func untar(archive *tar.Reader, target string) {
	for {
		header, err := archive.Next()
		if err != nil {
			return
		}
		// ruleid: go-zip-slip
		os.OpenFile(target+"/"+header.Name, os.O_CREATE, 0o600)
	}
}

func scratch(text []byte, file string) {
	// ruleid: go-insecure-temp-file
	os.WriteFile("/tmp/report.txt", text, 0o600)
	// ok: go-insecure-temp-file
	os.ReadFile("/tmp/report.txt")
	// ok: go-insecure-temp-file
	os.CreateTemp("", "report-*")

	// ruleid: go-world-writable-file
	os.Chmod(file, 0777)
	// ok: go-world-writable-file
	os.Chmod(file, 0o755)
}
