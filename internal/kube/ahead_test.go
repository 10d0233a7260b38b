package kube

import (
	"bytes"
	"io"
	"net"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// portioned is a socket in which bytes come in portions.
type portioned struct {
	net.Conn
	portions [][]byte
}

func (c *portioned) Read(p []byte) (int, error) {
	if len(c.portions) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.portions[0])
	if c.portions[0] = c.portions[0][n:]; len(c.portions[0]) == 0 {
		c.portions = c.portions[1:]
	}
	return n, nil
}

// However bytes come and are asked for, all arrive in order, and no buffer is held in
// the end.
func TestReadingAheadLosesNothing(t *testing.T) {
	var buffers sync.Pool
	rapid.Check(t, func(t *rapid.T) {
		socket := &portioned{}
		var want, got []byte
		for _, size := range rapid.SliceOfN(rapid.IntRange(1, 3*len(ahead{})), 0, 8).Draw(t, "portions") {
			portion := make([]byte, size)
			for i := range portion {
				portion[i] = byte((len(want) + i) % 251)
			}
			socket.portions, want = append(socket.portions, portion), append(want, portion...)
		}
		c := &aheadConn{Conn: socket, buffers: &buffers}
		sizes := rapid.SliceOfN(rapid.IntRange(1, 20<<10), 1, 5).Draw(t, "asked for")
		for i := 0; ; i++ {
			p := make([]byte, sizes[i%len(sizes)])
			n, err := c.Read(p)
			got = append(got, p[:n]...)
			if err != nil {
				break
			}
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("%d bytes came as %d others", len(want), len(got))
		}
		if c.buffer != nil {
			t.Error("a buffer is held with nothing in it")
		}
	})
}
