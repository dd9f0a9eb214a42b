package example;

import java.io.*;
import java.nio.file.*;
import java.util.zip.*;
import javax.servlet.http.HttpServletRequest;

class FileAccess {
    private static final Path BASE = Path.of("/srv/files");

    void read(HttpServletRequest request) throws Exception {
        String name = request.getParameter("name");
        // ruleid: java-path-traversal
        new FileInputStream("/srv/files/" + name);
        // ruleid: java-path-traversal
        Files.readAllBytes(Paths.get("/srv/files", name));
        File file = new File("/srv/files", name);
        // ruleid: java-path-traversal
        new FileReader(file);
        // ok: java-path-traversal
        new FileInputStream("/srv/files/" + FilenameUtils.getName(name));
        // ok: java-path-traversal
        Files.readAllBytes(Paths.get("/srv/files/index.html"));
        Path path = BASE.resolve(name).normalize();
        if (!path.startsWith(BASE)) {
            return;
        }
        // ok: java-path-traversal
        Files.readAllBytes(path);
    }

    @GetMapping("/files/{folder}")
    byte[] spring(@PathVariable("folder") String folder, @RequestParam("name") String name, @RequestParam int page)
            throws Exception {
        // ok: java-path-traversal
        Files.readAllBytes(BASE.resolve(folder));
        // ok: java-path-traversal
        Files.readAllBytes(BASE.resolve(page + ".txt"));
        // ruleid: java-path-traversal
        return Files.readAllBytes(BASE.resolve(name));
    }

    void upload(MultipartFile upload) throws Exception {
        // ruleid: java-path-traversal
        upload.transferTo(new File("/srv/files/" + upload.getOriginalFilename()));
    }

    void unzip(ZipInputStream zip, File target) throws Exception {
        ZipEntry entry = zip.getNextEntry();
        File file = new File(target, entry.getName());
        // ruleid: java-zip-slip
        new FileOutputStream(file);
        // ok: java-zip-slip
        new FileOutputStream(new File(target, FilenameUtils.getName(entry.getName())));
    }

    void unzipChecked(ZipInputStream zip, Path target) throws Exception {
        ZipEntry entry = zip.getNextEntry();
        Path file = target.resolve(entry.getName()).normalize();
        if (!file.startsWith(target)) {
            throw new IOException("bad entry");
        }
        // ok: java-zip-slip
        Files.copy(zip, file);
    }

    void scratch(byte[] text) throws Exception {
        // ruleid: java-insecure-temp-file
        new FileOutputStream("/tmp/report.txt").write(text);
        // ok: java-insecure-temp-file
        Files.createTempFile("report", ".txt");
        // ok: java-insecure-temp-file
        new FileInputStream("/tmp/report.txt");
    }
}
