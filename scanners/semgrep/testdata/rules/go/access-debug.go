package main

import (
	"net/http"
	_ "net/http/pprof"

	"github.com/gin-gonic/gin"
)

func setup(router *gin.Engine) {
	// ruleid: go-admin-route-without-auth
	router.POST("/admin/users", createUser)
	// ok: go-admin-route-without-auth
	router.POST("/admin/orders", onlyStaff, createOrder)
	// ok: go-admin-route-without-auth
	router.GET("/administration", showGuide)
	// ruleid: go-admin-route-without-auth
	http.HandleFunc("/admin/stats", stats)

	// ruleid: go-pprof-exposed
	http.ListenAndServe(":6060", nil)
	// ok: go-pprof-exposed
	http.ListenAndServe("127.0.0.1:6060", nil)
	// ok: go-pprof-exposed
	http.ListenAndServe(":8080", router)
}

func serve(port string, router *gin.Engine) {
	// ruleid: go-pprof-exposed
	server := &http.Server{Addr: ":" + port, ReadHeaderTimeout: time.Second}
	server.ListenAndServe()
	// ruleid: go-pprof-exposed
	log.Fatal(http.ListenAndServe(fmt.Sprintf("0.0.0.0:%s", port), http.DefaultServeMux))
	// ok: go-pprof-exposed
	shop := &http.Server{Addr: ":" + port, Handler: router}
	shop.ListenAndServe()
	// ok: go-pprof-exposed
	later := &http.Server{Addr: ":" + port}
	later.Handler = router
	later.ListenAndServe()
	// ok: go-pprof-exposed
	inside := &http.Server{Addr: "localhost:6060"}
	inside.ListenAndServe()
}
