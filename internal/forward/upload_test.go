package forward_test

import (
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/forward"
	"github.com/portolan-app/portolan/internal/portolan"
)

// A client that sends more than is kept for another try, to a target without a
// pod, is turned away like any other, and nothing of its connection stays.
func TestLargeUploadWithoutAPodEnds(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{}, func(c *forward.Config) { c.Hold = 300 * time.Millisecond })
	echoService(t, b.cluster, 0)
	b.engine.Apply([]forward.Spec{spec("echo", portolan.Service, "echo", portolan.Port{Number: 70})})
	conn := b.dial("echo")
	go func() { _, _ = conn.Write(make([]byte, 8<<20)) }()
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("somebody answered")
	}
	b.inPhase("echo", portolan.Waiting)
	b.eventually("echo", "without a connection", func(s portolan.Status) bool { return s.Connections == 0 })
}
