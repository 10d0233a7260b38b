package github

import (
	"net"
	"time"

	"github.com/mattn/go-ieproxy"
	"golang.org/x/net/http/httpproxy"
)

// SetResolver makes the client look names up there.
func (c *Client) SetResolver(r *net.Resolver) {
	c.transport.http.DialContext = (&net.Dialer{Resolver: r, Timeout: 500 * time.Millisecond}).DialContext
}

// SetSystemProxy makes the client believe in that proxy of the system.
func (c *Client) SetSystemProxy(system ieproxy.ProxyConf) {
	c.proxies = proxiesOf(&httpproxy.Config{}, func() ieproxy.ProxyConf { return system })
	c.transport.http.Proxy = c.proxies.find
}
