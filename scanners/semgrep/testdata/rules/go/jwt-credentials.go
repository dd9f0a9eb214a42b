package main

import (
	"crypto/aes"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"net/http"
	"os"

	"github.com/golang-jwt/jwt/v5"
	"github.com/gorilla/sessions"
	"github.com/redis/go-redis/v9"
)

var signingKey = []byte("not-a-real-key")

func issue(claims jwt.Claims, key []byte) {
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	// ruleid: go-jwt-hardcoded-secret
	token.SignedString([]byte("not-a-real-key"))
	// ruleid: go-jwt-hardcoded-secret
	token.SignedString(signingKey)
	// ok: go-jwt-hardcoded-secret
	token.SignedString([]byte(os.Getenv("JWT_KEY")))
	// ruleid: go-jwt-none-algorithm
	jwt.NewWithClaims(jwt.SigningMethodNone, claims).SignedString(jwt.UnsafeAllowNoneSignatureType)
	// ok: go-jwt-none-algorithm
	jwt.NewWithClaims(jwt.SigningMethodRS256, claims).SignedString(key)
}

func read(text string, claims jwt.Claims, keyFunc jwt.Keyfunc) {
	// ruleid: go-jwt-unverified-parse
	jwt.NewParser().ParseUnverified(text, claims)
	// ok: go-jwt-unverified-parse
	jwt.ParseWithClaims(text, claims, keyFunc)
	jwt.Parse(text, func(t *jwt.Token) (interface{}, error) {
		// ruleid: go-jwt-hardcoded-secret
		return []byte("not-a-real-key"), nil
	})
}

func connect(req *http.Request, password string) {
	// ruleid: go-hardcoded-credentials
	sql.Open("postgres", "postgres://shop:not-a-real-password@db/shop")
	// ruleid: go-hardcoded-credentials
	sql.Open("mysql", "shop:not-a-real-password@tcp(db:3306)/shop")
	// ruleid: go-hardcoded-credentials
	redis.NewClient(&redis.Options{Addr: "cache:6379", Password: "not-a-real-password"})
	// ruleid: go-hardcoded-credentials
	req.SetBasicAuth("shop", "not-a-real-password")
	// ok: go-hardcoded-credentials
	sql.Open("pgx", os.Getenv("DATABASE_URL"))
	// ok: go-hardcoded-credentials
	redis.NewClient(&redis.Options{Addr: "cache:6379", Password: password})
	// ok: go-hardcoded-credentials
	redis.NewClient(&redis.Options{Addr: "cache:6379", Password: ""})
	// ok: go-hardcoded-credentials
	sql.Open("postgres", "postgres://postgres:postgres@localhost/shop")
}

func boxes(key []byte) {
	// ruleid: go-hardcoded-crypto-key
	aes.NewCipher([]byte("not-a-real-key.."))
	// ruleid: go-hardcoded-crypto-key
	hmac.New(sha256.New, []byte("not-a-real-key"))
	// ruleid: go-hardcoded-crypto-key
	sessions.NewCookieStore([]byte("not-a-real-key"))
	// ok: go-hardcoded-crypto-key
	aes.NewCipher(key)
	// ok: go-hardcoded-crypto-key
	sessions.NewCookieStore([]byte(os.Getenv("SESSION_KEY")))
}
