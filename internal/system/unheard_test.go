package system

import (
	"net"
	"testing"
)

// wrapped is a connection over another one.
type wrapped struct{ net.Conn }

func (w wrapped) NetConn() net.Conn { return w.Conn }

// What a live machine does not take because its program does not read is heard there.
func TestAFullPeerHears(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	conn, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	full := make(chan struct{})
	go func() {
		defer close(full)
		_, _ = conn.Write(make([]byte, 64<<20)) // more than both ends keep
	}()
	select {
	case <-full:
		t.Fatal("the peer keeps everything")
	default:
	}
	if Unheard(wrapped{conn}) {
		t.Error("a peer that does not read is taken for one that has gone")
	}
	_ = conn.Close()
	<-full
	if near, _ := net.Pipe(); Unheard(near) {
		t.Error("a pipe has no peer")
	}
}
