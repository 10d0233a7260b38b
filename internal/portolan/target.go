package portolan

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
)

// TargetOf is where an entry leads, with defaults filled in. A pod is named by
// Name or by Selector; a proxy's Name is its remote address.
func TargetOf(e Entry) Target {
	t := Target{
		Context:   e.Context,
		Namespace: e.Namespace,
		Kind:      cmp.Or(e.WorkloadType, Service),
		Port:      e.RemotePort,
	}
	switch t.Kind {
	case Pod:
		t.Name = e.PodName
		if t.Name == "" {
			t.Selector = e.Target
		}
	case Proxy:
		t.Name = e.RemoteAddress
	default:
		t.Name = e.Service
	}
	return t
}

// NotSupported says why an entry that is valid cannot be started by this
// version, or returns nil. (Unsupported is the [Phase] that follows.)
func NotSupported(e Entry) *Fault {
	f := &Fault{Kind: Failed, Code: "unsupported"}
	switch {
	case e.Protocol == UDP:
		f.Message, f.Hint = "UDP is not supported yet", "the entry is kept as it is; only tcp can be started"
	case e.WorkloadType == Proxy:
		f.Message, f.Hint = "workload_type proxy is not supported yet",
			"the entry is kept as it is; a service or pod in the cluster can be started"
	case e.WorkloadType == Expose:
		f.Message, f.Hint = "workload_type expose is not supported yet",
			"the entry is kept as it is; it would create objects in the cluster"
	default:
		return nil
	}
	return f
}

// BeyondLoopback reports whether listening on an entry's local_address would let
// other machines in. Absent and "localhost" do not; what is no IP address does.
func BeyondLoopback(address string) bool {
	if address == "" || address == "localhost" {
		return false
	}
	ip, err := netip.ParseAddr(address)
	return err != nil || !ip.Unmap().IsLoopback()
}

// OpenURL is what "open in browser" opens for an entry whose forward listens on
// address, a host:port. The result leads to that address and nowhere else,
// whatever the entry says. The error is a [*Fault] with the code "url".
func OpenURL(e Entry, address string) (string, error) {
	refuse := func(what string) (string, error) {
		return "", &Fault{Kind: Failed, Code: "url", Message: "cannot be opened in a browser: " + what,
			Hint: "scheme is http or https, and url_path starts with one /"}
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return refuse("the forward's address is " + show(address))
	}
	if _, err := netip.ParseAddr(host); err != nil && host != "localhost" {
		return refuse("the forward's address is " + show(address))
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return refuse("the forward's address is " + show(address))
	}
	scheme := cmp.Or(e.Scheme, "http")
	if scheme != "http" && scheme != "https" {
		return refuse("the scheme is " + show(scheme))
	}
	path := cmp.Or(e.URLPath, "/")
	if checkText(path, false).code != "" || checkURLPath(path).code != "" {
		return refuse("url_path is " + show(path))
	}
	base := url.URL{Scheme: scheme, Host: net.JoinHostPort(host, port)}
	u, err := base.Parse(path)
	if err != nil || u.Host != base.Host || u.Scheme != scheme || u.User != nil {
		return refuse(fmt.Sprintf("%s leads away from %s", show(path), address))
	}
	return u.String(), nil
}
