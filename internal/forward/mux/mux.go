// Package mux speaks the port-forward protocol of Kubernetes on one upgraded
// connection: SPDY/3.1 frames, in which each forwarded connection is a pair of
// streams, one for errors and one for data
// (k8s.io/cri-streaming/pkg/streaming/portforward is the server's side).
//
// A [Session] carries one live [Pair] at a time. The protocol has no flow
// control, so two pairs on one connection could stall each other: a reader that
// stops would block the frames of its neighbour. Alone on its connection, a slow
// reader is held back by TCP and hurts nobody.
//
// A pair is opened without waiting for the server's replies: both streams, the
// end of our side of the error stream and the client's first bytes leave in one
// write, which makes one round trip to the first answer where kubectl needs
// three. A server that does not accept that is asked again with [Options.Wait].
//
// There are two engines. [Codec] writes and reads the few frames that a client
// needs by itself: no compressor, no queues, and no buffer while nothing moves.
// [Stock] leaves that to spdystream, as kubectl does; it is what to fall back to,
// and the oracle of the other's tests.
package mux

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// Session is one upgraded connection to a pod. It carries one live pair at a
// time and any number one after the other, to any port of the pod.
type Session interface {
	// Open starts a pair for a port of the pod and sends first, which may be
	// empty, with it. The caller must have ended the pair before. An error means
	// that the session is of no more use.
	Open(ctx context.Context, port int, first []byte) (Pair, error)

	// Reusable reports whether another pair may be opened: the connection is
	// alive, is not going away, and nothing of an ended pair is still arriving.
	Reusable() bool

	// Check closes the session unless the server answers within d, and returns at
	// once. A server that a slow client or pod keeps from answering is left alone.
	Check(d time.Duration)

	// Done is closed when the connection is dead, for whatever reason.
	Done() <-chan struct{}

	// Close ends the session and the live pair. It takes 200 ms at most, also on
	// a connection that no longer moves, and may be called more than once.
	Close()
}

// Pair is one forwarded connection. WriteTo and Write may run at the same time,
// each in one goroutine.
type Pair interface {
	// WriteTo writes what the pod sends to w, and returns when the pod's side has
	// ended or w fails; nothing is written to w after that. While w blocks, the pod
	// is held back. The error is nil only if the pod's side ended in order and
	// without an error; otherwise it is that of w, a [*RemoteError], [ErrRejected],
	// [ErrReset] or [ErrLost]. After Reset it is nil. It is called once.
	WriteTo(w io.Writer) (int64, error)

	// Write sends to the pod.
	Write(p []byte) (int, error)

	// CloseWrite says that nothing more will be sent. Container runtimes close
	// the whole pair one second later.
	CloseWrite() error

	// Reset ends the pair in both directions and leaves the session as it is.
	Reset()
}

// Options are what a session needs to know about its server.
type Options struct {
	// Wait opens pairs as kubectl does, one round trip for each stream.
	Wait bool

	// Unheard reports whether what was sent on the connection was sent again without
	// an acknowledgement of the machine at the other end; nil = nobody knows. It tells
	// a dead connection from one that a pod holds back, which look alike where much is
	// sent and nothing comes.
	Unheard func(conn net.Conn) bool

	// Silent is called, if it is not nil, when the session ends because its server
	// answers no more. Others to the same server may be as dead.
	Silent func()
}

// How a pair can end, beside in order.
var (
	// ErrRejected: the server ended a stream before it accepted it. Nothing was
	// delivered to the pod.
	ErrRejected = errors.New("the server rejected the stream")
	// ErrReset: the server ended the pair without a reason.
	ErrReset = errors.New("the server reset the stream")
	// ErrLost: the upgraded connection broke.
	ErrLost = errors.New("the connection to the cluster was lost")
)

// RemoteError is what the server wrote to the error stream of a pair.
type RemoteError struct{ Text string }

// Error is the server's text.
func (e *RemoteError) Error() string { return fmt.Sprintf("the cluster reports: %s", e.Text) }
