package forward

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"

	"github.com/portolan-app/portolan/internal/portolan"
)

// anyCluster has a pod for every target.
type anyCluster struct {
	Cluster
	pod string
}

func (c *anyCluster) Resolve(context.Context, portolan.Target) (portolan.Backends, error) {
	return portolan.Backends{Pods: []portolan.Backend{{Pod: c.pod, UID: c.pod}}}, nil
}

// TestConfigurationIsFollowed holds that a look-up is as old as the configuration
// at most, and that a forward whose configuration leads nowhere is looked at until
// it does, although nobody uses it.
func TestConfigurationIsFollowed(t *testing.T) {
	var cluster Cluster
	var broken error
	var wg sync.WaitGroup
	up := newUpstream(t.Context(), "dev", &Config{Clusters: func(string) (Cluster, error) { return cluster, broken }}, &wg)
	lane := newLane(up, portolan.Target{})
	f := &forward{lane: lane, listeners: []net.Listener{nil}}
	find := func() string {
		found, err := lane.resolve(t.Context(), false)
		if err != nil {
			return err.Error()
		}
		return found.Pods[0].Pod
	}

	cluster = &anyCluster{pod: "one"}
	if got := find(); got != "one" || f.stale() {
		t.Errorf("found %s, stale %v", got, f.stale())
	}
	cluster = &anyCluster{pod: "two"}
	if got := find(); got != "two" {
		t.Errorf("found %s in another cluster", got)
	}
	broken = errors.New("broken")
	if got := find(); got != "broken" || !f.stale() {
		t.Errorf("found %s, stale %v", got, f.stale())
	}
	broken = nil
	if got := find(); got != "two" || f.stale() {
		t.Errorf("found %s, stale %v", got, f.stale())
	}
}
