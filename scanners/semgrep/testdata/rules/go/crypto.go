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

func register(w http.ResponseWriter, r *http.Request, rng *rand.Rand, sessions []Session) {
	// ruleid: go-insecure-randomness
	session := fmt.Sprintf("%016x", rand.Int63())
	// ruleid: go-insecure-randomness
	account := Account{Name: "a", CSRFToken: strconv.FormatInt(rng.Int63(), 36)}
	// ruleid: go-insecure-randomness
	sessionID := hex.EncodeToString([]byte(strconv.Itoa(rand.Int())))
	// ok: go-insecure-randomness
	picked_session := sessions[rand.Intn(len(sessions))]
	// ok: go-insecure-randomness
	secret_session := openSession(r, rand.Intn(3))
	// ok: go-insecure-randomness
	nextToken := rand.Intn(3)
	// ok: go-insecure-randomness
	statusCode := 300 + rand.Intn(3)
	// ok: go-insecure-randomness
	token, err := crand.Int(crand.Reader, big.NewInt(100))
	// ok: go-insecure-randomness
	crand.Read(salt)
	// ruleid: go-insecure-randomness
	rand.Read(salt)
}

func (s *Shop) IssueVoucher() string {
	// ruleid: go-insecure-randomness
	code := fmt.Sprintf("%08d", rand.Intn(100000000))
	return code
}

func newPasswordFor(user *User, letters []rune) (string, error) {
	var sb strings.Builder
	for i := 0; i < 12; i++ {
		// ruleid: go-insecure-randomness
		sb.WriteRune(letters[rand.Intn(len(letters))])
	}
	// ok: go-insecure-randomness
	time.Sleep(time.Duration(rand.Intn(10)) * time.Millisecond)
	return sb.String(), nil
}

func paymentToken() (string, error) {
	// ruleid: go-insecure-randomness
	return fmt.Sprintf("%x", rand.Uint64()), nil
}

func anySession(sessions []Session) Session {
	// ok: go-insecure-randomness
	return sessions[rand.Intn(len(sessions))]
}
