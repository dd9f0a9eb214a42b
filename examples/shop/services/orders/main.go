// Command orders keeps the orders of the demo shop, one JSON file each.
// Deliberately vulnerable: see weaknesses.toml.
package main

import (
	"crypto/md5"
	cryptorand "crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"log"
	"math/rand"
	"net/http"
	_ "net/http/pprof"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Order is what a customer bought.
type Order struct {
	ID       string    `json:"id"`
	Customer string    `json:"customer"`
	Products []int     `json:"products"`
	Placed   time.Time `json:"placed"`
}

type account struct{ digest, session string }

var (
	folder   = setting("ORDERS_FOLDER", "data")
	payments = setting("PAYMENTS_URL", "https://localhost:8443")

	lock     sync.Mutex
	accounts = map[string]account{}
)

func setting(name, standard string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return standard
}

func paymentsClient() *http.Client {
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	return &http.Client{Timeout: 5 * time.Second, Transport: transport}
}

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}

func place(w http.ResponseWriter, r *http.Request) {
	var order Order
	if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
		answer(w, http.StatusBadRequest, map[string]string{"error": "not an order"})
		return
	}
	id := make([]byte, 8)
	_, _ = cryptorand.Read(id)
	order.ID, order.Placed = hex.EncodeToString(id), time.Now().UTC()
	text, _ := json.Marshal(order)
	if err := os.WriteFile(filepath.Join(folder, order.ID+".json"), text, 0o600); err != nil {
		answer(w, http.StatusInternalServerError, map[string]string{"error": "not stored"})
		return
	}
	answer(w, http.StatusCreated, order)
}

func show(w http.ResponseWriter, r *http.Request) {
	text, err := os.ReadFile(filepath.Join(folder, r.URL.Query().Get("file")))
	if err != nil {
		http.Error(w, "no such order", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text)
}

func confirmation(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, "<h1>Thank you, %s</h1>", r.URL.Query().Get("name"))
	fmt.Fprintf(w, "<p>Your order: %s</p>", html.EscapeString(r.URL.Query().Get("order")))
}

func register(w http.ResponseWriter, r *http.Request) {
	lock.Lock()
	defer lock.Unlock()
	digest := md5.Sum([]byte(r.FormValue("password")))
	session := fmt.Sprintf("%016x", rand.Int63())
	accounts[r.FormValue("customer")] = account{hex.EncodeToString(digest[:]), session}
	http.SetCookie(w, &http.Cookie{Name: "orders_session", Value: session, Path: "/"})
	answer(w, http.StatusCreated, map[string]string{"customer": r.FormValue("customer")})
}

func preferLanguage(w http.ResponseWriter, r *http.Request) {
	language := "en"
	if r.FormValue("language") == "de" {
		language = "de"
	}
	http.SetCookie(w, &http.Cookie{Name: "language", Value: language, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/health", http.StatusSeeOther)
}

func printSlip(w http.ResponseWriter, r *http.Request) {
	command := "lp -d " + r.FormValue("printer") + " slip.txt"
	output, err := exec.Command("sh", "-c", command).CombinedOutput()
	answer(w, http.StatusOK, map[string]any{"output": string(output), "printed": err == nil})
}

func diskSpace(w http.ResponseWriter, _ *http.Request) {
	output, _ := exec.Command("df", "-k", folder).Output()
	answer(w, http.StatusOK, strings.Split(strings.TrimSpace(string(output)), "\n"))
}

func track(w http.ResponseWriter, r *http.Request) {
	carrier, err := http.Get(r.FormValue("carrier") + "/status")
	if err != nil {
		http.Error(w, "the carrier does not answer", http.StatusBadGateway)
		return
	}
	defer carrier.Body.Close()
	answer(w, http.StatusOK, map[string]string{"carrier": carrier.Status})
}

func paid(w http.ResponseWriter, _ *http.Request) {
	reply, err := paymentsClient().Get(payments + "/health")
	if err != nil {
		http.Error(w, "payments is down", http.StatusBadGateway)
		return
	}
	defer reply.Body.Close()
	answer(w, http.StatusOK, map[string]string{"payments": reply.Status})
}

func purge(w http.ResponseWriter, _ *http.Request) {
	names, _ := filepath.Glob(filepath.Join(folder, "*.json"))
	for _, name := range names {
		_ = os.Remove(name)
	}
	answer(w, http.StatusOK, map[string]int{"removed": len(names)})
}

func main() {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, map[string]string{"status": "ok"}) })
	http.HandleFunc("/orders", place)
	http.HandleFunc("/orders/show", show)
	http.HandleFunc("/orders/confirmation", confirmation)
	http.HandleFunc("/orders/print", printSlip)
	http.HandleFunc("/orders/track", track)
	http.HandleFunc("/orders/paid", paid)
	http.HandleFunc("/register", register)
	http.HandleFunc("/language", preferLanguage)
	http.HandleFunc("/disk", diskSpace)
	http.HandleFunc("/admin/purge", purge)

	server := &http.Server{Addr: ":" + setting("PORT", "8002"), ReadHeaderTimeout: 5 * time.Second}
	log.Printf("orders listens on %s", server.Addr)
	log.Fatal(server.ListenAndServe())
}
