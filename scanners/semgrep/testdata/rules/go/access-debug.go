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
