package demo

import (
	"io"
	"testing"
	"testing/synctest"
)

// deaf is a stream whose Close waits, as spdystream's does for a reply that was
// never sent.
type deaf struct{ closing, heard chan struct{} }

func (deaf) Read([]byte) (int, error)    { return 0, io.EOF }
func (deaf) Write(p []byte) (int, error) { return len(p), nil }
func (s deaf) Close() error              { close(s.closing); <-s.heard; return nil }

func TestClusterEndsWithAStreamThatDoesNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewCluster(ClusterConfig{})
		stream := deaf{closing: make(chan struct{}), heard: make(chan struct{})}
		go func() { _ = containerd{c}.PortForward(t.Context(), "gone", "", 80, stream) }()
		<-stream.closing
		c.running.Wait() // as Run does
		close(stream.heard)
	})
}
