package forward_test

import (
	"io"
	"net"
	"os"
	"sync"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
)

// network is what lies between the engine and the API server. Each thing that it can
// do to connections it does to those that are there; others come and go as listen and
// silence say.
type network struct {
	t       *testing.T
	address string // where the API server seems to be

	mu     sync.Mutex
	target string
	ln     net.Listener
	links  map[*link]bool
	silent bool // nothing that is sent arrives
}

// link is one connection through the network.
type link struct {
	n         *network
	near, far *net.TCPConn
	silent    bool
}

// between puts a network between the engine of b and its cluster.
func between(t *testing.T, b *bed) *network {
	t.Helper()
	n := &network{t: t, links: map[*link]bool{}}
	config, err := clientcmd.LoadFromFile(b.kubeconfig)
	check(t, err)
	n.target = config.Clusters["demo"].Server[len("https://"):]
	n.address = "127.0.0.1:0"
	n.listen()
	config.Clusters["demo"].Server = "https://" + n.address
	check(t, clientcmd.WriteToFile(*config, b.kubeconfig+".new"))
	check(t, os.Rename(b.kubeconfig+".new", b.kubeconfig))
	t.Cleanup(n.refuse) // the engine, which ends later, closes what is open
	return n
}

// listen lets connections in.
func (n *network) listen() {
	n.t.Helper()
	ln, err := net.Listen("tcp", n.address)
	check(n.t, err)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ln, n.address = ln, ln.Addr().String()
	go func() {
		for {
			near, err := ln.Accept()
			if err != nil {
				return
			}
			go n.carry(near.(*net.TCPConn))
		}
	}()
}

// refuse lets no connection in, as a port that nobody listens on.
func (n *network) refuse() {
	n.mu.Lock()
	defer n.mu.Unlock()
	_ = n.ln.Close()
}

// lead makes connections from now on lead to another place.
func (n *network) lead(target string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.target = target
}

// silence loses all that is sent on any connection, until it is taken back. What was
// lost is lost, so those connections stay silent.
func (n *network) silence(on bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.silent = on
	for l := range n.links {
		l.silent = true
	}
}

// lose makes the far end forget all connections, and tell nobody.
func (n *network) lose() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for l := range n.links {
		l.silent = true
		_ = l.far.Close()
	}
}

// reset breaks all connections at once, audibly.
func (n *network) reset() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for l := range n.links {
		_, _ = l.near.SetLinger(0), l.far.SetLinger(0)
		_, _ = l.near.Close(), l.far.Close()
	}
}

// open is how many connections the engine has to the API server.
func (n *network) open() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.links)
}

func (n *network) carry(near *net.TCPConn) {
	n.mu.Lock()
	far, err := net.Dial("tcp", n.target)
	if err != nil {
		n.mu.Unlock()
		_ = near.SetLinger(0)
		_ = near.Close()
		return
	}
	l := &link{n: n, near: near, far: far.(*net.TCPConn), silent: n.silent}
	n.links[l] = true
	n.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() {
		l.copy(l.far, l.near)
		_ = l.far.Close() // the engine has closed it
	})
	both.Go(func() {
		l.copy(l.near, l.far)
		if !l.dead() {
			_ = l.near.Close()
		}
	})
	both.Wait()
	_ = l.near.Close()
	n.mu.Lock()
	delete(n.links, l)
	n.mu.Unlock()
}

// dead reports whether nothing arrives on this connection any more, not even its end.
func (l *link) dead() bool {
	l.n.mu.Lock()
	defer l.n.mu.Unlock()
	return l.silent
}

func (l *link) copy(to io.Writer, from io.Reader) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 && !l.dead() {
			_, _ = to.Write(buffer[:n])
		}
		if err != nil {
			return
		}
	}
}
