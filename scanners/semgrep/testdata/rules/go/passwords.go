package main

import (
	"crypto/md5"
	"crypto/sha256"
	"io"
)

func store(user User, password string, data []byte) {
	// ruleid: go-weak-password-hash
	sha256.Sum256([]byte(password))
	// ruleid: go-weak-password-hash
	md5.Sum([]byte(user.Salt + user.Password))
	h := md5.New()
	// ruleid: go-weak-password-hash
	io.WriteString(h, password)
	// ruleid: go-weak-password-hash
	sha256.Sum256([]byte(user.Pin))
	// ok: go-weak-password-hash
	sha256.Sum256([]byte(user.Spin))
	// ok: go-weak-password-hash
	sha256.Sum256(data)
	// ok: go-weak-password-hash
	passwords.Hash(password)
}
