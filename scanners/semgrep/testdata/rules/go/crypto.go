package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/md5"
	crand "crypto/rand"
	"crypto/rc4"
	"crypto/rsa"
	"crypto/sha256"
	"math/rand"
)

func checksum(data []byte) {
	// ruleid: go-weak-hash
	md5.Sum(data)
	// ruleid: go-weak-hash
	h := md5.New()
	// ok: go-weak-hash
	sha256.Sum256(data)
	h.Write(data)
}

func encrypt(key, iv, data []byte, gcm cipher.AEAD) {
	// ruleid: go-weak-cipher
	des.NewCipher(key)
	// ruleid: go-weak-cipher
	rc4.NewCipher(key)
	// ok: go-weak-cipher
	block, _ := aes.NewCipher(key)

	// ruleid: go-static-iv
	cipher.NewCBCEncrypter(block, []byte("0123456789abcdef"))
	fixed := []byte("0123456789abcdef")
	// ruleid: go-static-iv
	cipher.NewCTR(block, fixed)
	// ruleid: go-static-iv
	gcm.Seal(nil, []byte("000000000000"), data, nil)
	// ok: go-static-iv
	cipher.NewCBCEncrypter(block, iv)
	nonce := make([]byte, gcm.NonceSize())
	crand.Read(nonce)
	// ok: go-static-iv
	gcm.Seal(nil, nonce, data, nil)
}

func keys() {
	// ruleid: go-weak-key-size
	rsa.GenerateKey(crand.Reader, 1024)
	// ok: go-weak-key-size
	rsa.GenerateKey(crand.Reader, 3072)
}

func generateToken(letters []byte, n int) string {
	b := make([]byte, n)
	for i := range b {
		// ruleid: go-insecure-randomness
		b[i] = letters[rand.Intn(len(letters))]
	}
	return string(b)
}

func issue(user *User) {
	// ruleid: go-insecure-randomness
	otp := rand.Intn(1000000)
	// ruleid: go-insecure-randomness
	user.ResetToken = strconv.Itoa(rand.Int())
	// ok: go-insecure-randomness
	delay := rand.Intn(1000)
	// ok: go-insecure-randomness
	token := crand.Text()
	use(otp, delay, token)
}
