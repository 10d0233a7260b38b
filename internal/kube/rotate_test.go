package kube

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/portolan-app/portolan/internal/portolan"
)

// issue writes a certificate of that name and its key, each replaced as a whole.
func issue(t *testing.T, name, certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	check(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	check(t, err)
	for path, block := range map[string]*pem.Block{certificate: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		check(t, os.WriteFile(path+".new", pem.EncodeToMemory(block), 0o600))
		check(t, os.Rename(path+".new", path))
	}
}

// A certificate in a file of its own is replaced when it is about to expire, with
// the kubeconfig as it was. Both reads and dials use the new one.
func TestAReplacedClientCertificateIsUsed(t *testing.T) {
	var mu sync.Mutex
	var seen []string
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, r.TLS.PeerCertificates[0].Subject.CommonName)
		w.WriteHeader(http.StatusNotFound)
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	defer server.Close()

	dir := t.TempDir()
	certificate, key, path := filepath.Join(dir, "me.crt"), filepath.Join(dir, "me.key"), filepath.Join(dir, "config")
	issue(t, "first", certificate, key)
	config := clientcmdapi.NewConfig()
	config.Clusters["c"] = &clientcmdapi.Cluster{Server: server.URL, InsecureSkipTLSVerify: true}
	config.AuthInfos["u"] = &clientcmdapi.AuthInfo{ClientCertificate: certificate, ClientKey: key}
	config.Contexts["x"] = &clientcmdapi.Context{Cluster: "c", AuthInfo: "u"}
	check(t, clientcmd.WriteToFile(*config, path))
	clusters := NewClusters([]string{path}, slog.New(slog.DiscardHandler))

	for _, name := range []string{"first", "second"} {
		issue(t, name, certificate, key)
		c, err := clusters.Cluster("x")
		check(t, err)
		if same, err := clusters.Cluster("x"); err != nil || same != c {
			t.Errorf("the same files made another cluster (%v)", err)
		}
		seen = nil
		if _, err := c.Resolve(t.Context(), portolan.Target{Kind: portolan.Pod, Name: "p", Port: portolan.Port{Number: 1}}); err == nil {
			t.Error("found a pod")
		}
		if _, _, err := c.Dial(t.Context(), portolan.Backend{Namespace: "n", Pod: "p"}); err == nil {
			t.Error("reached a pod")
		}
		if len(seen) < 2 {
			t.Errorf("the server saw %q", seen)
		}
		for _, got := range seen {
			if got != name {
				t.Errorf("the server saw %q, want %q", seen, name)
				break
			}
		}
	}
}
