package kube

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/portolan"
)

func echoPod(t *testing.T, cluster *demo.Cluster) portolan.Backend {
	t.Helper()
	check(t, cluster.AddPod(demo.Pod{Namespace: "shop", Name: "echo", Ports: []demo.Port{{Number: 7, Backend: demo.Echo}}}))
	return portolan.Backend{Namespace: "shop", Pod: "echo", Port: 7}
}

// wantLeg dials and wants an upgraded connection on that leg.
func wantLeg(t *testing.T, c *Cluster, b portolan.Backend, want string) {
	t.Helper()
	conn, leg, err := c.Dial(t.Context(), b)
	check(t, err)
	defer conn.Close()
	if leg != want {
		t.Errorf("dialled by %s, want %s", leg, want)
	}
}

func TestDialRemembersTheLegThatWorks(t *testing.T) {
	for want, config := range map[string]demo.ClusterConfig{
		portolan.WebSocket: {}, portolan.SPDY: {NoWebSocket: true},
	} {
		t.Run(want, func(t *testing.T) {
			cluster := startCluster(t, config)
			b := echoPod(t, cluster)
			c := connect(t, cluster, nil)
			for range 3 {
				wantLeg(t, c, b, want)
			}
			counts := cluster.Counts()
			if tries := counts.WebSocket; want == portolan.SPDY && tries != 1 {
				t.Errorf("asked %d times for a WebSocket", tries)
			}
			if want == portolan.WebSocket && counts.SPDY != 0 {
				t.Errorf("counts are %+v", counts)
			}
		})
	}
}

func TestDialTellsFaultsApart(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{})
	b := echoPod(t, cluster)
	c := connect(t, cluster, nil)

	_, _, err := c.Dial(t.Context(), portolan.Backend{Namespace: "shop", Pod: "gone", Port: 7})
	wantFault(t, err, portolan.CodePodGone)

	cluster.Deny("get", "pods/portforward")
	_, _, err = c.Dial(t.Context(), b)
	if f := wantFault(t, err, portolan.CodeClusterDenied); f.Kind != portolan.SignIn {
		t.Errorf("the kind is %s", f.Kind)
	}
	if n := cluster.Counts().SPDY; n != 0 {
		t.Errorf("fell back to SPDY %d times", n)
	}
	cluster.Allow("get", "pods/portforward")

	cluster.SetToken("another")
	_, _, err = c.Dial(t.Context(), b)
	wantFault(t, err, portolan.CodeClusterSignIn)
}

func TestDialEndsWithItsContext(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{})
	b := echoPod(t, cluster)
	c := connect(t, cluster, nil)
	cluster.SetHook(func(_ http.ResponseWriter, r *http.Request) bool {
		<-r.Context().Done()
		return true
	})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, _, err := c.Dial(ctx, b); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// TestRenewsAnExecLogin has a plugin whose first token the server refuses.
func TestRenewsAnExecLogin(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the plugin is a shell script")
	}
	cluster := startCluster(t, demo.ClusterConfig{Token: "second"})
	b := echoPod(t, cluster)
	dir := t.TempDir()
	plugin := filepath.Join(dir, "login")
	script := `#!/bin/sh
token=first
[ -e ` + dir + `/used ] && token=second
touch ` + dir + `/used
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}' $token
`
	check(t, os.WriteFile(plugin, []byte(script), 0o700))
	c := connect(t, cluster, func(_ *clientcmdapi.Cluster, user *clientcmdapi.AuthInfo) {
		*user = clientcmdapi.AuthInfo{Exec: &clientcmdapi.ExecConfig{
			APIVersion: "client.authentication.k8s.io/v1", Command: plugin, InteractiveMode: clientcmdapi.NeverExecInteractiveMode,
		}}
	})
	wantLeg(t, c, b, portolan.WebSocket)
}

func TestDialThroughAProxy(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{})
	b := echoPod(t, cluster)
	var seen []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Method+" "+r.Header.Get("Proxy-Authorization"))
		far, err := net.Dial("tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer far.Close()
		near, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer near.Close()
		_, _ = io.WriteString(near, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(far, near) }()
		_, _ = io.Copy(near, far)
	}))
	defer proxy.Close()
	via, err := url.Parse(proxy.URL)
	check(t, err)
	via.User = url.UserPassword("me", "secret")
	c := connect(t, cluster, func(cluster *clientcmdapi.Cluster, _ *clientcmdapi.AuthInfo) { cluster.ProxyURL = via.String() })
	wantLeg(t, c, b, portolan.WebSocket)
	if len(seen) != 1 || seen[0] != "CONNECT Basic bWU6c2VjcmV0" {
		t.Errorf("the proxy saw %v", seen)
	}
}

// A TLS proxy whose certificate nobody vouches for, such as one that inspects
// traffic, is a fault, which names it.
func TestDialThroughAProxyThatIsNotTrusted(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{})
	b := echoPod(t, cluster)
	proxy := httptest.NewUnstartedServer(http.NotFoundHandler())
	proxy.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	proxy.StartTLS()
	defer proxy.Close()
	c := connect(t, cluster, func(cluster *clientcmdapi.Cluster, _ *clientcmdapi.AuthInfo) { cluster.ProxyURL = proxy.URL })
	_, _, err := c.Dial(t.Context(), b)
	if f := wantFault(t, err, "cluster-certificate"); !strings.Contains(f.Message, proxy.URL) {
		t.Errorf("the message is %q", f.Message)
	}
}
