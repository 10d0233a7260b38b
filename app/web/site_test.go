package web

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/portolan-app/portolan/frontend"
	"github.com/portolan-app/portolan/internal/portolan"
)

func TestListenOptions(t *testing.T) {
	for _, test := range []struct {
		opts Options
		code string
	}{
		{Options{Address: "0.0.0.0:0"}, "web-remote"},
		{Options{Address: ":0"}, "web-address"},
		{Options{Address: "example.com:80"}, "web-address"},
		{Options{Address: "127.0.0.1"}, "web-address"},
		{Options{Address: "127.0.0.1:http"}, "web-address"},
		{Options{Address: "[::]:0"}, "web-remote"},
		{Options{Address: "0.0.0.0:0", AllowRemote: true}, "web-no-tls"},
		{Options{Address: "127.0.0.1:0", CertFile: "no-such.pem", KeyFile: "no-such.pem"}, "web-certificate"},
		{Options{Address: "127.0.0.1:0", CertFile: "no-such.pem"}, "web-certificate"},
	} {
		s, err := Listen(test.opts, fstest.MapFS{})
		if f := portolan.AsFault(err); f == nil || f.Code != test.code || f.Kind != portolan.Usage || f.Hint == "" {
			t.Errorf("%+v: %v, want %s", test.opts, err, test.code)
		}
		if s != nil {
			s.Close()
		}
	}
	s, err := Listen(Options{Address: "localhost:0"}, fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if link := s.Link(); !regexp.MustCompile(`^http://127\.0\.0\.1:\d+/#code=[A-Z2-7]{26}$`).MatchString(link) {
		t.Errorf("the link is %s", link)
	}
	if _, err := Listen(Options{Address: s.listener.Addr().String()}, fstest.MapFS{}); portolan.AsFault(err).Code != "web-listen" {
		t.Errorf("a taken port: %v", err)
	}
}

// certified writes a certificate for a name, and returns its files and the name.
func certified(t *testing.T) (certFile, keyFile string, leaf *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"dev.example"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err = x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, data []byte) string {
		name = filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", private), leaf
}

func TestNames(t *testing.T) {
	_, _, leaf := certified(t)
	for _, test := range []struct {
		at       string
		leaf     *x509.Certificate
		ours     string
		not      string
		ofTheURL string
	}{
		{"127.0.0.1:7979", nil, "127.0.0.1:7979 localhost:7979",
			"127.0.0.1:7978 127.0.0.1 evil.example:7979 localhost.evil.example:7979 127.0.0.1.evil.example:7979 dev.example:7979 [::1]:7979", "127.0.0.1:7979"},
		{"[::1]:80", nil, "[::1]:80 localhost:80 localhost [::1]", "127.0.0.1:80", "[::1]:80"},
		{"0.0.0.0:443", leaf, "dev.example:443 dev.example 127.0.0.1:443 DEV.example:443", "0.0.0.0:443 evil.example:443 dev.example:80", "dev.example:443"},
		{"10.1.2.3:8443", leaf, "10.1.2.3:8443 dev.example:8443", "10.1.2.4:8443 dev.example", "dev.example:8443"},
	} {
		n := namesOf(netip.MustParseAddrPort(test.at), test.leaf)
		for name := range strings.FieldsSeq(test.ours) {
			if !n.include(name) {
				t.Errorf("%s does not know itself as %s", test.at, name)
			}
		}
		for name := range strings.FieldsSeq(test.not) {
			if n.include(name) {
				t.Errorf("%s takes itself for %s", test.at, name)
			}
		}
		if n.first() != test.ofTheURL {
			t.Errorf("%s calls itself %s", test.at, n.first())
		}
	}
}

// TestPages looks at what the index page may load.
func TestPages(t *testing.T) {
	d := newDesk(t, 0)
	nonces := map[string]bool{}
	for range 2 {
		resp := d.ask("/", "", same)
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		inPage := regexp.MustCompile(`<head><meta property="csp-nonce" nonce="(\w{26})">`).FindSubmatch(body)
		policy := resp.Header.Get("Content-Security-Policy")
		if inPage == nil || !strings.Contains(policy, "style-src 'self' 'nonce-"+string(inPage[1])+"';") {
			t.Fatalf("the page and its policy have no nonce in common:\n%s\n%s", body, policy)
		}
		if strings.Contains(policy, "unsafe") {
			t.Errorf("the policy lets something through: %s", policy)
		}
		nonces[string(inPage[1])] = true
	}
	if len(nonces) != 2 {
		t.Error("a nonce is used twice")
	}
	script := d.ask("/assets/app-1.js", "", same)
	if kind := script.Header.Get("Content-Type"); kind != "text/javascript; charset=utf-8" {
		t.Errorf("a script is served as %s", kind)
	}
	if resp := d.ask("/assets/app-1.js", "{}", origin, same); resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST to a page: %s", resp.Status)
	}
}

// TestUnbuiltPages is about a program from a fresh clone.
func TestUnbuiltPages(t *testing.T) {
	d := newDesk(t, 0)
	var err error
	if d.pages, err = readPages(fstest.MapFS{".gitkeep": {}}); err != nil {
		t.Fatal(err)
	}
	resp := d.ask("/", "", same)
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(body), "npm run build") {
		t.Errorf("%s: %s, %v", resp.Status, body, err)
	}
	if _, err := readPages(frontend.Assets()); err != nil {
		t.Error(err)
	}
}

// TestServe goes over a real port, with TLS and without, to its end.
func TestServe(t *testing.T) {
	cert, key, leaf := certified(t)
	trust := x509.NewCertPool()
	trust.AddCert(leaf)
	for _, opts := range []Options{{Address: "127.0.0.1:0"}, {Address: "127.0.0.1:0", CertFile: cert, KeyFile: key}} {
		s, err := Listen(opts, fstest.MapFS{"index.html": {Data: []byte("<head>")}})
		if err != nil {
			t.Fatal(err)
		}
		at := s.guard.scheme + "://" + s.listener.Addr().String()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Serve(ctx, &steered{}, slog.New(slog.DiscardHandler)) }()
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trust}}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", at, resp.Status)
		}
		stop()
		if err := <-ended; err != nil {
			t.Errorf("%s ends with %v", at, err)
		}
		transport.CloseIdleConnections()
		if _, err := net.DialTimeout("tcp", s.listener.Addr().String(), time.Second); err == nil {
			t.Errorf("%s still listens", at)
		}
	}
}
