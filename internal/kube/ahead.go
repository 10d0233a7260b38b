package kube

import (
	"crypto/tls"
	"net"
	"sync"
)

// aheadConn stands between TLS and a socket, and reads ahead where much has come:
// crypto/tls asks for one record at a time, of 16 KiB at most. It holds a buffer only
// meanwhile. Like any net.Conn it takes one reader.
type aheadConn struct {
	net.Conn
	buffers *sync.Pool // of *ahead
	more    bool       // the last read got all that it could take
	buffer  *ahead     // of read
	read    []byte     // and not handed out yet
}

type ahead [64 << 10]byte

// NetConn is the socket, to be asked about.
func (c *aheadConn) NetConn() net.Conn { return c.Conn }

func (c *aheadConn) Read(p []byte) (n int, err error) {
	if len(c.read) == 0 && !c.more {
		n, err = c.Conn.Read(p)
		c.more = n == len(p)
		return n, err
	}
	if len(c.read) == 0 {
		c.lend()
		n, err = c.Conn.Read(c.buffer[:])
		c.read, c.more = c.buffer[:n], n == len(c.buffer)
	}
	n = copy(p, c.read)
	if c.read = c.read[n:]; len(c.read) == 0 && !c.more {
		c.buffers.Put(c.buffer)
		c.buffer = nil
	}
	return n, err
}

func (c *aheadConn) lend() {
	if c.buffer == nil {
		c.buffer, _ = c.buffers.Get().(*ahead)
	}
	if c.buffer == nil {
		c.buffer = new(ahead)
	}
}

// tlsConn closes without the goodbye of TLS, for which crypto/tls would wait 5 s where
// a peer has gone. What is spoken inside has said its own.
type tlsConn struct{ *tls.Conn }

func (c tlsConn) Close() error { return c.NetConn().Close() }
