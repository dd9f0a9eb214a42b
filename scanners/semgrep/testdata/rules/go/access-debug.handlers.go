package main

import "net/http"

func purge(w http.ResponseWriter, r *http.Request) {
	orders.RemoveAll()
}

func remove(w http.ResponseWriter, r *http.Request) {
	if !sessionOf(r).IsAdmin() {
		http.Error(w, "not for you", http.StatusForbidden)
		return
	}
	orders.Remove(r.FormValue("order"))
}

func welcome(w http.ResponseWriter, r *http.Request) {
	session := newSession(r)
	http.SetCookie(w, &http.Cookie{Name: "session", Value: session, Secure: true, HttpOnly: true})
}

func (s *Shop) close(w http.ResponseWriter, r *http.Request) {
	s.open = false
}

func routes(s *Shop, mux *http.ServeMux) {
	http.HandleFunc("/welcome", welcome)
	// ruleid: go-admin-route-without-auth
	http.HandleFunc("/admin/purge", purge)
	// ruleid: go-admin-route-without-auth
	mux.HandleFunc("POST /admin/close", s.close)
	// ruleid: go-admin-route-without-auth
	mux.HandleFunc("/api/v1/admin/reset", reset)
	// ruleid: go-admin-route-without-auth
	http.HandleFunc("/admin/count", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, orders.Count())
	})
	// ok: go-admin-route-without-auth
	http.HandleFunc("/admin/remove", remove)
	// ok: go-admin-route-without-auth
	mux.HandleFunc("/admin/prices", s.prices)
	// ok: go-admin-route-without-auth
	http.HandleFunc("/admin/clean", requireStaff(purge))
	// ok: go-admin-route-without-auth
	router.With(staffOnly, checkRole).Post("/admin/drop", purge)
	// ok: go-admin-route-without-auth
	http.HandleFunc("/admin/list", func(w http.ResponseWriter, r *http.Request) {
		if user(r).IsStaff() {
			fmt.Fprint(w, orders.All())
		}
	})
	// ok: go-admin-route-without-auth
	http.HandleFunc("/admin/login", showLogin)
}

func reset(w http.ResponseWriter, r *http.Request) {
	orders.Reset()
}

func (s *Shop) prices(w http.ResponseWriter, r *http.Request) {
	if _, err := s.verifiedStaff(r); err != nil {
		return
	}
	s.raisePrices()
}
