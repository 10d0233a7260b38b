package github

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

// LoadCAs returns the system's certificate authorities and those of a PEM file;
// nil, which stands for the system's, where file is "". Its error is the fault
// "ca-file".
func LoadCAs(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	fault := func(format string, args ...any) error {
		return &portolan.Fault{Kind: portolan.Usage, Code: "ca-file",
			Message: fmt.Sprintf("the certificate authorities in %s cannot be used: ", file) + fmt.Sprintf(format, args...),
			Hint:    "name a file of certificates in PEM form: portolan settings set ca_file FILE"}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fault("%v", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, fault("the system's own cannot be read: %v", err)
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, fault("it holds no certificate in PEM form")
	}
	return pool, nil
}

func isTLS(err error) bool {
	var (
		verify *tls.CertificateVerificationError
		record tls.RecordHeaderError
		alert  tls.AlertError
	)
	return errors.As(err, &verify) || errors.As(err, &record) || errors.As(err, &alert) ||
		strings.Contains(err.Error(), "server gave HTTP response to HTTPS client")
}

// tlsReason says why a connection cannot be trusted.
func (c *Client) tlsReason(ctx context.Context, err error) reason {
	var (
		unknown x509.UnknownAuthorityError
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		verify  *tls.CertificateVerificationError
	)
	host := c.base.Hostname()
	switch {
	case errors.As(err, &unknown):
		issuer := "whoever issued it"
		if unknown.Cert != nil {
			issuer = nameOf(unknown.Cert.Issuer)
		}
		return reason{"network-ca", "its certificate is issued by " + issuer + ", which is not trusted on this machine",
			"if that is your company's, which inspects traffic, name its certificates: portolan settings set ca_file FILE"}
	case errors.As(err, &name):
		return reason{"network-certificate", "the certificate is for " + strings.Join(subjects(name.Certificate), ", ") + " and not for " + host,
			"something else may answer at its address, such as a network's sign-in page; check the address of the host"}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && errors.As(err, &verify):
		return c.timeReason(ctx, invalid.Cert, verify.UnverifiedCertificates[0])
	case errors.As(err, &verify):
		return reason{"network-certificate", "", "the certificate of " + host + " cannot be verified; check the address of the host"}
	}
	return reason{"network-tls", "", "something on the way does not speak TLS as it should; check the address of the host, the proxy and the VPN"}
}

// timeReason tells a certificate that is too old or too new from a clock that is
// wrong, for which it asks the host.
func (c *Client) timeReason(ctx context.Context, cert, leaf *x509.Certificate) reason {
	const form = "2006-01-02 15:04 UTC"
	now := c.now().UTC()
	if at, ok := c.hostTime(ctx, leaf); ok && !at.Before(cert.NotBefore) && !at.After(cert.NotAfter) {
		return reason{"network-clock", fmt.Sprintf("this machine's clock says %s, and the host's %s", now.Format(form), at.Format(form)),
			"set this machine's clock; by a wrong one, good certificates look too old or too new"}
	}
	if now.Before(cert.NotBefore) {
		return reason{"network-certificate", "the certificate is not valid before " + cert.NotBefore.UTC().Format(form),
			"check this machine's clock, which says " + now.Format(form)}
	}
	return reason{"network-certificate", "the certificate of " + nameOf(cert.Subject) + " ended at " + cert.NotAfter.UTC().Format(form),
		"who runs the host must renew it; if this machine's clock is wrong (" + now.Format(form) + "), set it"}
}

// hostTime asks the host for its time, over a connection that is verified in all
// but the time of the certificate. It sends no token, and nothing but the words of
// a fault follows from the answer.
func (c *Client) hostTime(ctx context.Context, leaf *x509.Certificate) (time.Time, bool) {
	way := c.transport.http.Clone()
	defer way.CloseIdleConnections()
	way.TLSClientConfig.Time = func() time.Time { return leaf.NotBefore.Add(time.Second) }
	ctx, cancel := context.WithTimeout(ctx, c.http.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, c.base.String(), nil)
	if err != nil {
		return time.Time{}, false
	}
	req.Header.Set("User-Agent", c.userAgent)
	resp, err := way.RoundTrip(req)
	if err != nil {
		return time.Time{}, false
	}
	_ = resp.Body.Close()
	at, err := http.ParseTime(resp.Header.Get("Date"))
	return at, err == nil
}

func nameOf(n pkix.Name) string {
	return cmp.Or(n.CommonName, strings.Join(n.Organization, ", "), n.String(), "somebody without a name")
}

// subjects are a few of the names that a certificate is for.
func subjects(cert *x509.Certificate) []string {
	names := cert.DNSNames
	for _, ip := range cert.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		names = []string{nameOf(cert.Subject)}
	}
	return names[:min(3, len(names))]
}
