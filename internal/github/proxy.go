package github

import (
	"cmp"
	"net/http"
	"net/url"

	"github.com/mattn/go-ieproxy"
	"golang.org/x/net/http/httpproxy"
)

// proxies finds the proxy for a request.
type proxies struct {
	find   func(*http.Request) (*url.URL, error)
	script string // address of the system's proxy script, which is not run; "" = none
}

// systemProxies is HTTPS_PROXY, HTTP_PROXY and NO_PROXY where one of the first two
// is set, else what Windows and macOS have in their settings at the start of the
// program (go-ieproxy's way of reading them again is not safe for concurrent
// use). Addresses of this machine never go through a proxy.
func systemProxies() proxies { return proxiesOf(httpproxy.FromEnvironment(), ieproxy.GetConf) }

func proxiesOf(cfg *httpproxy.Config, readSystem func() ieproxy.ProxyConf) proxies {
	script := ""
	if cfg.HTTPProxy == "" && cfg.HTTPSProxy == "" {
		system := readSystem()
		if s := system.Static; s.Active {
			cfg.HTTPSProxy = cmp.Or(s.Protocols["https"], s.Protocols[""])
			cfg.HTTPProxy = cmp.Or(s.Protocols["http"], s.Protocols[""])
			cfg.NoProxy = s.NoProxy
		} else if a := system.Automatic; a.Active {
			script = cmp.Or(a.PreConfiguredURL, "found by auto-detection")
		}
	}
	find := cfg.ProxyFunc()
	return proxies{
		find:   func(req *http.Request) (*url.URL, error) { return find(req.URL) },
		script: script,
	}
}

// name returns the proxy on the way to u without its user and password, or "" for
// none.
func (p proxies) name(u *url.URL) string {
	proxy, err := p.find(&http.Request{URL: u})
	if err != nil || proxy == nil {
		return ""
	}
	return (&url.URL{Scheme: proxy.Scheme, Host: proxy.Host}).String()
}
