package kube

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// webSocketConn is a byte stream in the binary messages of a WebSocket; each
// write is one message. Like any net.Conn it takes one reader and one writer at
// a time.
type webSocketConn struct {
	*websocket.Conn
	message  io.Reader // being read; nil between messages
	deadline atomic.Pointer[time.Time]
	once     sync.Once
}

func (c *webSocketConn) Read(p []byte) (int, error) {
	for {
		if c.message == nil {
			kind, message, err := c.NextReader()
			switch {
			case websocket.IsCloseError(err, websocket.CloseNormalClosure):
				return 0, io.EOF
			case err != nil:
				return 0, err
			case kind != websocket.BinaryMessage:
				return 0, errors.New("the server sent text where SPDY frames were due")
			}
			c.message = message
		}
		n, err := c.message.Read(p)
		if err == io.EOF {
			c.message, err = nil, nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

func (c *webSocketConn) Write(p []byte) (int, error) {
	if t := c.deadline.Load(); t != nil {
		_ = c.Conn.SetWriteDeadline(*t) // never fails
	}
	if err := c.WriteMessage(websocket.BinaryMessage, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// SetWriteDeadline also bounds a write that is under way, which gorilla's own
// does not.
func (c *webSocketConn) SetWriteDeadline(t time.Time) error {
	c.deadline.Store(&t)
	return c.NetConn().SetWriteDeadline(t)
}

// SetDeadline sets both deadlines.
func (c *webSocketConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// Close says goodbye in at most 200 ms and closes the socket.
func (c *webSocketConn) Close() (err error) {
	c.once.Do(func() {
		goodbye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
		_ = c.WriteControl(websocket.CloseMessage, goodbye, time.Now().Add(200*time.Millisecond))
		err = c.Conn.Close()
	})
	return err
}
