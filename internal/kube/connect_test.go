package kube

import (
	"crypto/tls"
	"net"
	"net/http/httptest"
	"testing"
	"time"
)

func TestClosingASilentConnectionDoesNotWait(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	server.StartTLS() // for its certificate
	defer server.Close()
	near, far := net.Pipe()
	defer far.Close()
	shaken := make(chan error, 1)
	go func() { shaken <- tls.Server(far, server.TLS).Handshake() }() // and reads no more
	conn, err := secure(t.Context(), near, &tls.Config{
		InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12, MinVersion: tls.VersionTLS12, // the client's part comes last
	})
	check(t, err)
	check(t, <-shaken)
	begin := time.Now()
	check(t, conn.Close())
	if took := time.Since(begin); took > time.Second {
		t.Errorf("Close took %v", took)
	}
}
