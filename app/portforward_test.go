package app

import (
	"net/netip"
	"testing"

	"github.com/portolan-app/portolan/app/cli"
	"github.com/portolan-app/portolan/internal/portolan"
)

// Only a port that cannot be had ends port-forward; what fails behind an open
// one ends a connection and nothing else.
func TestPortForwardOutlivesWhatFailsBehindIt(t *testing.T) {
	fault := &portolan.Fault{Kind: portolan.Failed, Code: "too-many-connections", Message: "too many"}
	tests := map[string]struct {
		status portolan.Status
		ends   bool
	}{
		"taken":                 {portolan.Status{Phase: portolan.PortBusy, Fault: fault}, true},
		"no such address":       {portolan.Status{Phase: portolan.StalledForward, Fault: fault}, true},
		"a refused connection":  {portolan.Status{Phase: portolan.StalledForward, Fault: fault, Addresses: []string{"127.0.0.1:8080"}}, false},
		"no pod for the moment": {portolan.Status{Phase: portolan.Waiting, Fault: fault, Addresses: []string{"127.0.0.1:8080"}}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			said := 0
			shot := newForeground(cli.PortForward{
				Ready:   func(netip.AddrPort, int) {},
				Failing: func(*portolan.Fault) { said++ },
			})
			shot.observe("0", tt.status)
			shot.observe("0", tt.status)
			if ends := len(shot.failed) > 0; ends != tt.ends || !ends && said != 1 {
				t.Errorf("ends: %v; said %d times", ends, said)
			}
		})
	}
}
