package github_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mattn/go-ieproxy"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/portolan-app/portolan/internal/github"
	"github.com/portolan-app/portolan/internal/githubtest"
	"github.com/portolan-app/portolan/internal/portolan"
)

// authority is a certificate authority of a test's own.
type authority struct {
	file string // in PEM form
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	a := authority{file: filepath.Join(t.TempDir(), "ca.pem")}
	a.cert, a.key = certify(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "Acme Inspection CA"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().AddDate(-20, 0, 0), NotAfter: time.Now().AddDate(20, 0, 0),
	}, nil, nil)
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
	if err := os.WriteFile(a.file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

// certify makes a certificate with a new key, signed by an authority or by itself.
func certify(t *testing.T, like, by *x509.Certificate, with *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if by == nil {
		by, with = like, key
	}
	like.SerialNumber = big.NewInt(time.Now().UnixNano())
	der, err := x509.CreateCertificate(rand.Reader, like, by, &key.PublicKey, with)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

// serve starts a GitHub at an address of this machine whose certificate is for
// that name, from and until those years from now.
func (a authority) serve(t *testing.T, address, name string, from, until int, h http.HandlerFunc) (port string) {
	t.Helper()
	like := &x509.Certificate{DNSNames: []string{name}, NotBefore: time.Now().AddDate(from, 0, 0), NotAfter: time.Now().AddDate(until, 0, 0)}
	cert, key := certify(t, like, a.cert, a.key)
	l, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		t.Skip("SKIPPED, so nothing is known: ", err)
	}
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: h, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)},
		TLS: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{cert.Raw}, PrivateKey: key}}}}
	s.StartTLS()
	t.Cleanup(s.Close)
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port
}

// nameServer answers for names with one address, and that nothing else exists. Its
// resolver asks nobody else.
func nameServer(t *testing.T, names map[string]string) *net.Resolver {
	t.Helper()
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		packet := make([]byte, 1500)
		for {
			n, from, err := l.ReadFrom(packet)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(packet[:n]) == nil {
				answer(&m, names)
				if out, err := m.Pack(); err == nil {
					_, _ = l.WriteTo(out, from)
				}
			}
		}
	}()
	return resolverAt(l.LocalAddr().String())
}

func resolverAt(address string) *net.Resolver {
	return &net.Resolver{PreferGo: true, StrictErrors: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", address)
	}}
}

func answer(m *dnsmessage.Message, names map[string]string) {
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	q := m.Questions[0]
	ip, known := names[strings.TrimSuffix(q.Name.String(), ".")]
	if !known {
		m.RCode = dnsmessage.RCodeNameError
		return
	}
	head := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1}
	four, sixteen := net.ParseIP(ip).To4(), net.ParseIP(ip).To16()
	switch {
	case q.Type == dnsmessage.TypeA && four != nil:
		m.Answers = []dnsmessage.Resource{{Header: head, Body: &dnsmessage.AResource{A: [4]byte(four)}}}
	case q.Type == dnsmessage.TypeAAAA && four == nil:
		m.Answers = []dnsmessage.Resource{{Header: head, Body: &dnsmessage.AAAAResource{AAAA: [16]byte(sixteen)}}}
	}
}

func sayHead(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(sha)) }

func noProxy(*http.Request) (*url.URL, error) { return nil, nil }

// TestHosts holds that each kind of GitHub is asked where its API is, under its own
// name, in either family of addresses.
func TestHosts(t *testing.T) {
	ca := newAuthority(t)
	for _, row := range []struct{ name, address, host, api, path string }{
		{"github.com", "127.0.0.1", "github.com", "api.github.com", "/repos/octocat/forwards/commits/HEAD"},
		{"data residency", "127.0.0.1", "acme.ghe.com", "api.acme.ghe.com", "/repos/octocat/forwards/commits/HEAD"},
		{"Enterprise Server", "127.0.0.1", "github.example.org", "github.example.org", "/api/v3/repos/octocat/forwards/commits/HEAD"},
		{"IPv6 alone", "::1", "github.example.org", "github.example.org", "/api/v3/repos/octocat/forwards/commits/HEAD"},
	} {
		t.Run(row.name, func(t *testing.T) {
			asked := make(chan string, 1)
			port := ca.serve(t, row.address, row.api, -1, 1, func(w http.ResponseWriter, r *http.Request) {
				asked <- r.Host + r.URL.Path
				sayHead(w, r)
			})
			r := forwards(t, "https://"+row.host)
			api, err := url.Parse(r.APIURL)
			if err != nil || api.Host != row.api {
				t.Fatalf("the API of %s is at %s (%v)", row.host, r.APIURL, err)
			}
			api.Host += ":" + port // only the port is the test's
			r.APIURL = api.String()
			c := newClient(t, github.Config{Repo: r, CAFile: ca.file, Proxy: noProxy})
			c.SetResolver(nameServer(t, map[string]string{row.api: row.address}))
			if _, _, err := c.Head(t.Context(), r, "", ""); err != nil {
				t.Fatal(err)
			}
			if got := <-asked; got != api.Host+row.path {
				t.Errorf("asked %s", got)
			}
		})
	}
}

// TestNetwork holds what is said of a network that does not work.
func TestNetwork(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_ = l.Close()
		r := forwards(t, "http://"+l.Addr().String())
		_, _, err = newClient(t, github.Config{Repo: r}).Head(t.Context(), r, "", "")
		wantFault(t, err, portolan.Later, "network-refused", l.Addr().String())
	})
	t.Run("no way there", func(t *testing.T) {
		if runtime.GOOS != "linux" {
			t.Skip("which addresses lead nowhere is the system's own")
		}
		r := forwards(t, "https://224.0.0.1") // of a group, which no connection can lead to
		_, _, err := newClient(t, github.Config{Repo: r, Proxy: noProxy}).Head(t.Context(), r, "", "")
		wantFault(t, err, portolan.Later, "network-unreachable", "no network leads to 224.0.0.1:443", "offline", "IPv6 alone")
	})
	t.Run("timeout", func(t *testing.T) {
		r, cfg := serve(t, githubtest.Slow(time.Minute)(nil, nil).ServeHTTP)
		cfg.Timeout = 50 * time.Millisecond
		_, _, err := newClient(t, cfg).Head(t.Context(), r, "", "")
		wantFault(t, err, portolan.Later, "network-timeout", "in time")
	})
	t.Run("trickle", func(t *testing.T) {
		r, cfg := serve(t, githubtest.Trickle(10*time.Millisecond)(nil, nil).ServeHTTP)
		cfg.Timeout = 300 * time.Millisecond
		_, err := newClient(t, cfg).Tree(t.Context(), r, sha, "")
		wantFault(t, err, portolan.Later, "network-timeout", "in time")
	})
	t.Run("reset", func(t *testing.T) {
		r, cfg := serve(t, githubtest.Reset()(nil, nil).ServeHTTP)
		_, _, err := newClient(t, cfg).Head(t.Context(), r, "", "")
		wantFault(t, err, portolan.Later, "network-reset", "broke off")
	})
	t.Run("reset in the middle", func(t *testing.T) {
		r, cfg := serve(t, githubtest.Cut(1000, `{"sha":"`+sha+`","tree":[`)(nil, nil).ServeHTTP)
		_, err := newClient(t, cfg).Tree(t.Context(), r, sha, "")
		wantFault(t, err, portolan.Later, "network-reset", "broke off")
	})
	t.Run("cancelled", func(t *testing.T) {
		r, cfg := serve(t, githubtest.Slow(time.Minute)(nil, nil).ServeHTTP)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, cancel)
		_, _, err := newClient(t, cfg).Head(ctx, r, "", "")
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// TestNameServers holds what is said where a name leads nowhere.
func TestNameServers(t *testing.T) {
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	gone, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = gone.Close()
	for _, row := range []struct {
		name     string
		resolver *net.Resolver
		code     string
		says     []string
	}{
		{"unknown name", nameServer(t, nil), "network-dns", []string{"the name github.example.org is not known here", "VPN"}},
		{"silent name server", resolverAt(silent.LocalAddr().String()), "network-resolver", []string{"cannot be looked up", "does not answer", "offline"}},
		{"no name server", resolverAt(gone.LocalAddr().String()), "network-resolver", []string{"cannot be looked up", "refused", "offline"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := forwards(t, "https://github.example.org")
			c := newClient(t, github.Config{Repo: r, Proxy: noProxy})
			c.SetResolver(row.resolver)
			_, _, err := c.Head(t.Context(), r, "", "")
			wantFault(t, err, portolan.Later, row.code, row.says...)
		})
	}
}

// TestTLS holds that no connection is trusted that cannot be verified, and that
// the fault says why.
func TestTLS(t *testing.T) {
	ca := newAuthority(t)
	day := func(years int) string { return time.Now().UTC().AddDate(years, 0, 0).Format("2006-01-02") }
	says := func(date func() time.Time) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "" && r.Method == http.MethodHead {
				t.Error("who is asked for the time got the token")
			}
			w.Header().Set("Date", date().UTC().Format(http.TimeFormat))
			sayHead(w, r)
		}
	}
	in := func(years int) func() time.Time {
		return func() time.Time { return time.Now().AddDate(years, 0, 1) }
	}
	for _, row := range []struct {
		name, caFile, certificate string
		from, until               int // years from now
		date                      func() time.Time
		code                      string
		says                      []string
	}{
		{"trusted", ca.file, "github.example.org", -1, 1, time.Now, "", nil},
		{"authority that nobody knows", "", "github.example.org", -1, 1, time.Now, "network-ca", []string{"issued by Acme Inspection CA", "ca_file"}},
		{"for another host", ca.file, "wifi.example.net", -1, 1, time.Now, "network-certificate", []string{"is for wifi.example.net and not for github.example.org"}},
		{"ended", ca.file, "github.example.org", -2, -1, time.Now, "network-certificate", []string{"ended at " + day(-1), "must renew it"}},
		{"not yet valid", ca.file, "github.example.org", 1, 2, time.Now, "network-certificate", []string{"not valid before " + day(1)}},
		{"clock behind", ca.file, "github.example.org", 1, 2, in(1), "network-clock", []string{"this machine's clock says " + day(0), "set this machine's clock"}},
		{"clock ahead", ca.file, "github.example.org", -3, -1, in(-2), "network-clock", []string{"this machine's clock says " + day(0)}},
	} {
		t.Run(row.name, func(t *testing.T) {
			port := ca.serve(t, "127.0.0.1", row.certificate, row.from, row.until, says(row.date))
			r := forwards(t, "https://github.example.org:"+port)
			c := newClient(t, github.Config{Repo: r, CAFile: row.caFile, Proxy: noProxy, Token: token("planted-secret")})
			c.SetResolver(nameServer(t, map[string]string{"github.example.org": "127.0.0.1"}))
			_, _, err := c.Head(t.Context(), r, "", "")
			if row.code != "" {
				wantFault(t, err, portolan.Later, row.code, row.says...)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("no TLS", func(t *testing.T) {
		s := httptest.NewServer(http.HandlerFunc(sayHead))
		t.Cleanup(s.Close)
		r := forwards(t, strings.Replace(s.URL, "http", "https", 1))
		_, _, err := newClient(t, github.Config{Repo: r}).Head(t.Context(), r, "", "")
		wantFault(t, err, portolan.Later, "network-tls", "does not speak TLS")
	})
}

// TestCAFile holds that a file that cannot be used is said, and nothing else is
// trusted in its place.
func TestCAFile(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, says := range map[string]string{empty: "no certificate", empty + ".gone": "empty.pem.gone"} {
		_, err := github.New(github.Config{Repo: portolan.Repository{Host: "github.com"}, CAFile: file})
		wantFault(t, err, portolan.Usage, "ca-file", says, "ca_file")
	}
}

// proxy is one that opens tunnels to this machine for those who have its password.
type proxy struct {
	password string
	mu       sync.Mutex
	tunnels  []string
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user, err := http.ReadRequest(bufio.NewReader(strings.NewReader("GET / HTTP/1.1\r\nHost: x\r\nAuthorization: " + r.Header.Get("Proxy-Authorization") + "\r\n\r\n")))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if _, password, _ := user.BasicAuth(); password != p.password {
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	p.mu.Lock()
	p.tunnels = append(p.tunnels, r.Host)
	p.mu.Unlock()
	_, port, _ := net.SplitHostPort(r.Host)
	out, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	in, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = io.WriteString(in, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() { _, _ = io.Copy(out, buffered); _ = out.Close() }()
	_, _ = io.Copy(in, out)
	_ = in.Close()
}

// taken are the tunnels since the last time.
func (p *proxy) taken() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	taken := strings.Join(p.tunnels, " ")
	p.tunnels = nil
	return taken
}

// TestProxy goes through proxies of the environment and of the system, and holds
// that a fault names the proxy on the way, without its password.
func TestProxy(t *testing.T) {
	ca := newAuthority(t)
	port := ca.serve(t, "127.0.0.1", "github.example.org", -1, 1, sayHead)
	way := &proxy{password: "planted-secret"}
	s := httptest.NewServer(way)
	t.Cleanup(s.Close)
	refuses := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	t.Cleanup(refuses.Close)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	with := func(user, address string) string { return strings.Replace(address, "//", "//"+user, 1) }
	for _, row := range []struct {
		name, proxy, code string
		says              []string
	}{
		{"lets through", with("user:planted-secret@", s.URL), "", nil},
		{"asks who", s.URL, "network-proxy", []string{"407", "USER:PASSWORD"}},
		{"takes no such password", with("user:wrong@", s.URL), "network-proxy", []string{"407", "does not take the user and password"}},
		{"forbids", with("user:planted-secret@", refuses.URL), "network-proxy", []string{"403", "ask who runs the proxy"}},
		{"is away", with("user:planted-secret@", "http://127.0.0.1:1"), "network-proxy", []string{"cannot be reached", "HTTPS_PROXY"}},
		{"says nothing", with("user:planted-secret@", "http://"+silent.Addr().String()), "network-timeout", []string{"in time"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			address, err := url.Parse(row.proxy)
			if err != nil {
				t.Fatal(err)
			}
			named := append(row.says, "through the proxy http://"+address.Host)
			r := forwards(t, "https://github.example.org:"+port)
			cfg := github.Config{Repo: r, CAFile: ca.file, Timeout: time.Second}
			check := func(c *github.Client) {
				t.Helper()
				_, _, err := c.Head(t.Context(), r, "", "")
				if row.code != "" {
					f := wantFault(t, err, portolan.Later, row.code, named...)
					if strings.Contains(f.Error(), "wrong@") {
						t.Error(f)
					}
				} else if through := way.taken(); err != nil || through != "github.example.org:"+port {
					t.Errorf("%v; tunnels to %q", err, through)
				}
			}
			for _, name := range []string{"HTTP_PROXY", "http_proxy", "https_proxy", "NO_PROXY", "no_proxy"} {
				t.Setenv(name, "")
			}
			t.Setenv("HTTPS_PROXY", row.proxy)
			check(newClient(t, cfg))

			t.Setenv("HTTPS_PROXY", "")
			c := newClient(t, cfg)
			c.SetSystemProxy(ieproxy.ProxyConf{Static: ieproxy.StaticProxyConf{Active: true, Protocols: map[string]string{"https": row.proxy}}})
			check(c)
			c.Close()
			c.SetSystemProxy(ieproxy.ProxyConf{Static: ieproxy.StaticProxyConf{Active: true, Protocols: map[string]string{"": row.proxy}, NoProxy: "github.example.org"}})
			c.SetResolver(nameServer(t, map[string]string{"github.example.org": "127.0.0.1"}))
			if _, _, err := c.Head(t.Context(), r, "", ""); err != nil {
				t.Errorf("where the proxy is not for: %v", err)
			}
		})
	}
}

// TestProxyScript holds that an unreachable network names the proxy script which is
// set and not run. Only Windows and macOS have one.
func TestProxyScript(t *testing.T) {
	const script = "http://wpad.example.org/proxy.pac"
	r := forwards(t, "http://127.0.0.1:1")
	c := newClient(t, github.Config{Repo: r})
	c.SetSystemProxy(ieproxy.ProxyConf{Automatic: ieproxy.ProxyScriptConf{Active: true, PreConfiguredURL: script}})
	_, _, err := c.Head(t.Context(), r, "", "")
	wantFault(t, err, portolan.Later, "network-refused", script, "not supported")
}
