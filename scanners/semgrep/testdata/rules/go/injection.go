package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"html/template"
	"log"
	"net/http"
	"os/exec"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/go-ldap/ldap/v3"
	"go.mongodb.org/mongo-driver/bson"
)

var columns = map[string]string{"name": "name", "age": "age_years"}

func users(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	// ruleid: go-sql-injection
	db.Query("SELECT id FROM users WHERE name = '" + name + "'")
	// ruleid: go-sql-injection
	db.QueryRowContext(r.Context(), fmt.Sprintf("SELECT id FROM users WHERE name = '%s'", r.FormValue("name")))
	query := fmt.Sprintf("DELETE FROM users WHERE name = '%s'", name)
	// ruleid: go-sql-injection
	tx.Exec(query)
	// ok: go-sql-injection
	db.Query("SELECT id FROM users WHERE name = $1", name)
	// ok: go-sql-injection
	db.Query("SELECT id FROM users ORDER BY " + columns[r.FormValue("sort")])
	id, _ := strconv.Atoi(r.FormValue("id"))
	// ok: go-sql-injection
	db.Query(fmt.Sprintf("SELECT id FROM users WHERE id = %d", id))
	sort := r.FormValue("sort")
	if !slices.Contains([]string{"name", "age"}, sort) {
		return
	}
	// ok: go-sql-injection
	db.Query("SELECT id FROM users ORDER BY " + sort)
}

func ginUsers(c *gin.Context) {
	// ruleid: go-sql-injection
	db.Raw("SELECT * FROM users WHERE name = '" + c.Query("name") + "'").Scan(&out)
	var body Search
	c.ShouldBindJSON(&body)
	// ruleid: go-sql-injection
	db.Where(fmt.Sprintf("name = '%s'", body.Name)).Find(&out)
	// ok: go-sql-injection
	db.Where("name = ?", body.Name).Find(&out)
	// ok: go-sql-injection
	db.Where(&User{Name: body.Name}).Find(&out)
}

func findJobs(db *sql.DB, owner string, table string) error {
	// ruleid: go-sql-string-building
	db.Query(fmt.Sprintf("SELECT * FROM jobs WHERE owner = '%s'", owner))
	// ruleid: go-sql-string-building
	db.Exec("DELETE FROM jobs WHERE owner = '" + owner + "'")
	// ok: go-sql-string-building
	db.Query("SELECT * FROM jobs WHERE owner = $1", owner)
	// ok: go-sql-string-building
	db.Query(fmt.Sprintf("SELECT count(*) FROM %s WHERE 1 = 1", table))
	return nil
}

func ping(w http.ResponseWriter, r *http.Request) {
	host := r.FormValue("host")
	// ruleid: go-command-injection
	exec.Command("sh", "-c", "ping -c 1 "+host).Run()
	// ruleid: go-command-injection
	exec.Command(r.URL.Query().Get("program"), "--version").Run()
	// ruleid: go-command-injection
	exec.CommandContext(r.Context(), "/bin/bash", "-c", fmt.Sprintf("ping %s", host)).Run()
	// ok: go-command-injection
	exec.Command("ping", "-c", "1", "--", host).Run()
}

func archive(folder string) {
	// ruleid: go-shell-command-dynamic
	exec.Command("sh", "-c", "tar czf out.tgz "+folder).Run()
	line := fmt.Sprintf("tar tf %s", folder)
	// ruleid: go-shell-command-dynamic
	exec.Command("bash", "-c", line).Run()
	// ok: go-shell-command-dynamic
	exec.Command("sh", "-c", "tar czf out.tgz /srv").Run()
	// ok: go-shell-command-dynamic
	exec.Command("tar", "czf", "out.tgz", folder).Run()
}

func hello(w http.ResponseWriter, r *http.Request) {
	// ruleid: go-template-injection
	page, _ := template.New("p").Parse("<p>Hello " + r.FormValue("name"))
	// ok: go-template-injection
	other, _ := template.New("p").Parse("<p>Hello {{.}}")
	other.Execute(w, r.FormValue("name"))
	page.Execute(w, nil)
}

func people(w http.ResponseWriter, r *http.Request) {
	uid := r.FormValue("uid")
	// ruleid: go-ldap-injection
	ldap.NewSearchRequest("dc=example", ldap.ScopeWholeSubtree, 0, 0, 0, false, "(uid="+uid+")", nil, nil)
	// ok: go-ldap-injection
	ldap.NewSearchRequest("dc=example", ldap.ScopeWholeSubtree, 0, 0, 0, false, "(uid="+ldap.EscapeFilter(uid)+")", nil, nil)
}

func coupons(w http.ResponseWriter, r *http.Request) {
	var filter bson.M
	json.NewDecoder(r.Body).Decode(&filter)
	// ruleid: go-nosql-injection
	coll.FindOne(r.Context(), filter)
	// ruleid: go-nosql-injection
	models.FindCoupon(r.Context(), filter)
	var body Search
	json.NewDecoder(r.Body).Decode(&body)
	// ok: go-nosql-injection
	coll.FindOne(r.Context(), bson.M{"name": body.Name})
}

func audit(w http.ResponseWriter, r *http.Request) {
	name := r.FormValue("name")
	// ruleid: go-log-injection
	log.Printf("login failed for %s", name)
	// ruleid: go-log-injection
	log.Println("login failed for", name)
	// ok: go-log-injection
	log.Printf("login failed for %q", name)
	// ok: go-log-injection
	log.Printf("%d characters", len(name))
}
