package web

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Options say where the pages are served.
type Options struct {
	Address string // IP:PORT or localhost:PORT; port 0 = picked by the system

	// AllowRemote lets Address be one that other machines reach. Then the files of
	// a certificate are required, because the secret travels with every request.
	AllowRemote       bool
	CertFile, KeyFile string // PEM; "" = no TLS
}

// Site is a port that serves pages to browsers. Make one with [Listen].
type Site struct {
	listener net.Listener
	tls      *tls.Config // nil = none
	origin   string      // of its links: scheme, host and port
	pages    *pages
	guard    *guard
}

// Listen opens the port and takes the pages from assets, which may hold none. It
// serves nobody yet. A wrong option is a [portolan.Usage] fault.
func Listen(opts Options, assets fs.FS) (*Site, error) {
	address, err := opts.address()
	if err != nil {
		return nil, err
	}
	config, leaf, err := opts.certificate()
	if err != nil {
		return nil, err
	}
	found, err := readPages(assets)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", address.String())
	if err != nil {
		return nil, &portolan.Fault{Kind: portolan.Failed, Code: "web-listen",
			Message: fmt.Sprintf("the pages cannot be served on %s: %v", address, err),
			Hint:    "choose another port, or 0 to have one picked"}
	}
	s := &Site{listener: l, tls: config, pages: found}
	names := namesOf(l.Addr().(*net.TCPAddr).AddrPort(), leaf)
	s.guard = &guard{scheme: "http", knows: names.include, keys: new(keys)}
	if config != nil {
		s.guard.scheme = "https"
	}
	s.origin = s.guard.scheme + "://" + names.first()
	return s, nil
}

// Close closes the port of a site that is not served. After [Site.Serve] it does
// nothing.
func (s *Site) Close() { _ = s.listener.Close() }

// Link returns a link that signs one browser in, once and within a minute.
func (s *Site) Link() string { return s.origin + "/#code=" + s.guard.keys.newCode() }

// address reads Address and keeps it to this machine unless the person wants more.
func (o Options) address() (netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(o.Address)
	if err != nil {
		return netip.AddrPort{}, badAddress(o.Address)
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	address, err := netip.ParseAddrPort(net.JoinHostPort(host, port))
	if err != nil {
		return netip.AddrPort{}, badAddress(o.Address)
	}
	switch remote := !address.Addr().Unmap().IsLoopback(); {
	case remote && !o.AllowRemote:
		return netip.AddrPort{}, &portolan.Fault{Kind: portolan.Usage, Code: "web-remote",
			Message: fmt.Sprintf("%s can be reached from other machines, and whoever is signed in there steers this one", o.Address),
			Hint:    "serve on 127.0.0.1:PORT and reach it with: ssh -L PORT:127.0.0.1:PORT HOST; or allow it with --web-allow-remote, --web-cert and --web-key"}
	case remote && o.CertFile == "":
		return netip.AddrPort{}, &portolan.Fault{Kind: portolan.Usage, Code: "web-no-tls",
			Message: "beyond this machine the pages are served with TLS only",
			Hint:    "name the files of a certificate and its key with --web-cert and --web-key"}
	}
	return address, nil
}

func badAddress(text string) error {
	return &portolan.Fault{Kind: portolan.Usage, Code: "web-address",
		Message: fmt.Sprintf("%q is no address to serve the pages on", text),
		Hint:    "write it like 127.0.0.1:8080, or 127.0.0.1:0 to have a port picked"}
}

// certificate reads the files of the certificate; without them there is no TLS.
func (o Options) certificate() (*tls.Config, *x509.Certificate, error) {
	if o.CertFile == "" && o.KeyFile == "" {
		return nil, nil, nil
	}
	pair, err := tls.LoadX509KeyPair(o.CertFile, o.KeyFile)
	if err != nil {
		return nil, nil, &portolan.Fault{Kind: portolan.Usage, Code: "web-certificate",
			Message: fmt.Sprintf("the certificate cannot be used: %v", err),
			Hint:    "give a certificate in --web-cert and its key in --web-key, both as PEM files"}
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, pair.Leaf, nil
}

// names are the hosts that a browser may believe to speak to.
type names struct {
	own  []string // host:port
	port string
	leaf *x509.Certificate // may name more; nil without TLS
}

// namesOf gives a port the names that cannot be anybody else's: its own address,
// localhost, which browsers resolve by themselves, and those of its certificate.
func namesOf(at netip.AddrPort, leaf *x509.Certificate) names {
	n := names{port: strconv.Itoa(int(at.Port())), leaf: leaf}
	ip := at.Addr().Unmap()
	if !ip.IsUnspecified() {
		n.own = append(n.own, netip.AddrPortFrom(ip, at.Port()).String())
	}
	if ip.IsLoopback() {
		n.own = append(n.own, net.JoinHostPort("localhost", n.port))
	}
	return n
}

// first is the name for a link. A link to every address of this machine bears a
// name of its certificate, or localhost where that has none.
func (n names) first() string {
	switch {
	case n.leaf != nil && len(n.leaf.DNSNames) > 0:
		return net.JoinHostPort(n.leaf.DNSNames[0], n.port)
	case len(n.own) > 0:
		return n.own[0]
	case n.leaf != nil && len(n.leaf.IPAddresses) > 0:
		return net.JoinHostPort(n.leaf.IPAddresses[0].String(), n.port)
	}
	return net.JoinHostPort("localhost", n.port)
}

// include reports whether the Host header of a request names us.
func (n names) include(header string) bool {
	host, port, err := net.SplitHostPort(header)
	if err != nil { // it leaves out the port of its scheme
		host, port = strings.Trim(header, "[]"), "80"
		if n.leaf != nil {
			port = "443"
		}
	}
	return slices.Contains(n.own, net.JoinHostPort(host, port)) ||
		n.leaf != nil && port == n.port && n.leaf.VerifyHostname(host) == nil
}
