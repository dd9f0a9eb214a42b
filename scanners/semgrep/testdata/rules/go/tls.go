package main

import (
	"crypto/tls"

	"golang.org/x/crypto/ssh"
)

func client(pool *x509.CertPool, check ssh.HostKeyCallback) {
	// ruleid: go-tls-verification-off
	a := &tls.Config{InsecureSkipVerify: true}
	// ruleid: go-tls-verification-off
	a.InsecureSkipVerify = true
	// ok: go-tls-verification-off
	b := &tls.Config{RootCAs: pool}
	// ok: go-tls-verification-off
	c := &tls.Config{InsecureSkipVerify: true, VerifyConnection: verify}

	// ruleid: go-tls-old-version
	d := &tls.Config{MinVersion: tls.VersionTLS10}
	// ok: go-tls-old-version
	e := &tls.Config{MinVersion: tls.VersionTLS12}

	// ruleid: go-ssh-host-key-ignored
	f := &ssh.ClientConfig{User: "a", HostKeyCallback: ssh.InsecureIgnoreHostKey()}
	// ok: go-ssh-host-key-ignored
	g := &ssh.ClientConfig{User: "a", HostKeyCallback: check}
	use(a, b, c, d, e, f, g)
}
