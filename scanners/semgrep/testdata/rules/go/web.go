package main

import (
	"fmt"
	"html"
	"html/template"
	"net/http"

	"github.com/gin-contrib/cors"
	"github.com/gin-gonic/gin"
)

var allowed = map[string]bool{"https://shop.example.com": true}
var hosts = map[string]string{"eu": "eu.example.com"}

func setup(router *gin.Engine) {
	// ruleid: go-cors-wildcard-credentials
	router.Use(cors.New(cors.Config{AllowAllOrigins: true, AllowMethods: []string{"GET"}, AllowCredentials: true}))
	// ruleid: go-cors-wildcard-credentials
	a := rscors.New(cors.Options{AllowedOrigins: []string{"*"}, AllowCredentials: true})
	// ok: go-cors-wildcard-credentials
	router.Use(cors.New(cors.Config{AllowAllOrigins: true}))
	// ok: go-cors-wildcard-credentials
	router.Use(cors.New(cors.Config{AllowOrigins: []string{"https://shop.example.com"}, AllowCredentials: true}))
	use(a)
}

func origin(w http.ResponseWriter, r *http.Request) {
	// ruleid: go-cors-reflected-origin
	w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
	from := r.Header.Get("Origin")
	if allowed[from] {
		// ok: go-cors-reflected-origin
		w.Header().Set("Access-Control-Allow-Origin", from)
	}
	// ok: go-cors-reflected-origin
	w.Header().Set("Access-Control-Allow-Origin", "https://shop.example.com")
}

func login(w http.ResponseWriter, c *gin.Context, value string) {
	// ruleid: go-cookie-missing-flags
	http.SetCookie(w, &http.Cookie{Name: "session", Value: value})
	// ruleid: go-cookie-missing-flags
	http.SetCookie(w, &http.Cookie{Name: "access_token", Value: value, HttpOnly: true, Secure: false})
	// ruleid: go-cookie-missing-flags
	c.SetCookie("token", value, 3600, "/", "", false, true)
	// ok: go-cookie-missing-flags
	http.SetCookie(w, &http.Cookie{Name: "session", Value: value, Secure: true, HttpOnly: true})
	// ok: go-cookie-missing-flags
	outgoing.AddCookie(&http.Cookie{Name: "session", Value: value})
	// ok: go-cookie-missing-flags
	http.SetCookie(w, &http.Cookie{Name: "language", Value: value})
	// ok: go-cookie-missing-flags
	http.SetCookie(w, &http.Cookie{Name: "session", Value: "", MaxAge: -1})
	// ok: go-cookie-missing-flags
	c.SetCookie("token", value, 3600, "/", "", true, true)
}

func redirect(w http.ResponseWriter, r *http.Request) {
	// ruleid: go-open-redirect
	http.Redirect(w, r, r.FormValue("next"), http.StatusFound)
	next := r.URL.Query().Get("next")
	// ruleid: go-open-redirect
	http.Redirect(w, r, next, http.StatusFound)
	// ok: go-open-redirect
	http.Redirect(w, r, "/search?q="+r.FormValue("q"), http.StatusFound)
	// ok: go-open-redirect
	http.Redirect(w, r, fmt.Sprintf("/items/%s", r.FormValue("item")), http.StatusFound)
	if !allowed[next] {
		next = "/"
	}
	// ok: go-open-redirect
	http.Redirect(w, r, next, http.StatusFound)
}

func ginRedirect(c *gin.Context) {
	// ruleid: go-open-redirect
	c.Redirect(http.StatusFound, c.Query("next"))
	// ok: go-open-redirect
	c.Redirect(http.StatusFound, "/home")
}

func preview(w http.ResponseWriter, r *http.Request) {
	// ruleid: go-ssrf
	http.Get(r.FormValue("url"))
	// ruleid: go-ssrf
	http.NewRequest("GET", "https://"+r.FormValue("host")+"/hook", nil)
	// ok: go-ssrf
	http.Get("https://api.example.com/items/" + r.FormValue("item"))
	// ok: go-ssrf
	http.Get("https://" + hosts[r.FormValue("region")] + "/status")
	// ok: go-ssrf
	http.Get(config.BaseURL + "/items/" + r.FormValue("item"))
}

func ginPreview(c *gin.Context) {
	var body Hook
	c.ShouldBindJSON(&body)
	// ruleid: go-ssrf
	http.Get(body.URL)
}

func hello(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	// ruleid: go-xss-reflected
	fmt.Fprintf(w, "<h1>Hello %s</h1>", name)
	// ruleid: go-xss-reflected
	w.Write([]byte("<p>" + r.FormValue("q") + "</p>"))
	// ruleid: go-xss-reflected
	w.Write([]byte(name))
	// ok: go-xss-reflected
	fmt.Fprintf(w, "<h1>Hello %s</h1>", html.EscapeString(name))
	// ok: go-xss-reflected
	fmt.Fprintf(logFile, "<h1>Hello %s</h1>", name)
	// ok: go-xss-reflected
	page.Execute(w, name)

	// ruleid: go-xss-trusted-html
	page.Execute(w, template.HTML(name))
	// ok: go-xss-trusted-html
	page.Execute(w, template.HTML("<br>"))
	// ok: go-xss-trusted-html
	page.Execute(w, template.HTML(html.EscapeString(name)))
}
