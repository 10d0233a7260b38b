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
	"sync/atomic"
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
	for name, test := range map[string]struct {
		config  demo.ClusterConfig
		setting string                                       // of kubectl's variable
		refuse  func(w http.ResponseWriter, r *http.Request) // SPDY; nil = as it is
		want    string
		wasted  int // dials that came to nothing
	}{
		"the faster first":         {want: portolan.SPDY},
		"before Kubernetes 1.31":   {config: demo.ClusterConfig{NoWebSocket: true}, want: portolan.SPDY},
		"kubectl's order":          {setting: "true", want: portolan.WebSocket},
		"kubectl's order, old":     {setting: "true", config: demo.ClusterConfig{NoWebSocket: true}, want: portolan.SPDY, wasted: 1},
		"no WebSocket wanted":      {setting: "false", want: portolan.SPDY},
		"a proxy that strips it":   {refuse: status(http.StatusBadRequest), want: portolan.WebSocket, wasted: 1},
		"a proxy that forbids it":  {refuse: status(http.StatusForbidden), want: portolan.WebSocket, wasted: 1},
		"a proxy that hangs up":    {refuse: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, want: portolan.WebSocket, wasted: 1},
		"a proxy that swallows it": {refuse: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, want: portolan.WebSocket, wasted: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(kubectlVariable, test.setting)
			cluster := startCluster(t, test.config)
			b := echoPod(t, cluster)
			var refused atomic.Int64
			cluster.SetHook(func(w http.ResponseWriter, r *http.Request) bool {
				refuse := test.refuse != nil && r.Header.Get("Upgrade") == "SPDY/3.1"
				if refuse {
					refused.Add(1)
					test.refuse(w, r)
				}
				return refuse
			})
			c := connect(t, cluster, nil)
			const times = 3
			for range times {
				wantLeg(t, c, b, test.want)
			}
			counts := cluster.Counts()
			if tries := counts.WebSocket + counts.SPDY + int(refused.Load()); tries != times+test.wasted {
				t.Errorf("tried %d times: %+v, and %d that a proxy refused", tries, counts, refused.Load())
			}
		})
	}
}

// status refuses with a status.
func status(code int) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// A leg that worked may be closed by an upgrade of the cluster; the other is then
// found again.
func TestDialFindsAnotherLegLater(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{})
	b := echoPod(t, cluster)
	c := connect(t, cluster, nil)
	wantLeg(t, c, b, portolan.SPDY)
	cluster.SetHook(func(w http.ResponseWriter, r *http.Request) bool {
		refuse := r.Header.Get("Upgrade") == "SPDY/3.1"
		if refuse {
			w.WriteHeader(http.StatusBadRequest)
		}
		return refuse
	})
	wantLeg(t, c, b, portolan.WebSocket)
	wantLeg(t, c, b, portolan.WebSocket)
}

func TestDialTellsFaultsApart(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{})
	b := echoPod(t, cluster)
	c := connect(t, cluster, nil)

	_, _, err := c.Dial(t.Context(), portolan.Backend{Namespace: "shop", Pod: "gone", Port: 7})
	wantFault(t, err, portolan.CodePodGone)
	if n := cluster.Counts().WebSocket; n != 0 {
		t.Errorf("asked on another leg %d times", n)
	}

	cluster.Deny("create", "pods/portforward")
	_, _, err = c.Dial(t.Context(), b)
	if f := wantFault(t, err, portolan.CodeClusterDenied); f.Kind != portolan.SignIn {
		t.Errorf("the kind is %s", f.Kind)
	}
	cluster.Allow("create", "pods/portforward")

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
	wantLeg(t, c, b, portolan.SPDY)
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
	wantLeg(t, c, b, portolan.SPDY)
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
