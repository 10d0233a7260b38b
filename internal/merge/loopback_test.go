package merge_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"testing"

	"pgregory.net/rapid"

	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
)

// wantsLoopback is a wanted forward that asks for an address of its own.
func wantsLoopback(name string) portolan.Forward {
	return portolan.Forward{
		ID: portolan.ID("id-" + name), Source: "team", Environment: "dev", Key: name,
		Entry: portolan.Entry{Alias: name, Rest: []portolan.Member{{Name: "auto_loopback_address", Value: json.RawMessage("true")}}},
		Local: portolan.Local{Wanted: true},
	}
}

// Whatever forwards there are: each has an address of its own, outside of what
// systems use themselves, and keeps it while others come and go.
func TestLoopbacksAreOnesOwn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &portolan.State{Local: map[portolan.ID]portolan.Local{}}
		var inForce []portolan.Forward
		owner := map[string]portolan.ID{}
		for range rapid.IntRange(1, 5).Draw(t, "rounds") {
			for range rapid.IntRange(0, 20).Draw(t, "more") {
				inForce = append(inForce, wantsLoopback(fmt.Sprint("f", len(inForce))))
			}
			for id, address := range merge.GiveLoopbacks(s, inForce) {
				ip := netip.MustParseAddr(address)
				b := ip.As4()
				if !ip.IsLoopback() || b[1] == 0 || b[1] == 255 || b[3] == 0 || b[3] == 255 {
					t.Fatalf("%s is given", address)
				}
				if other, ok := owner[address]; ok {
					t.Fatalf("%s has %s already", other, address)
				}
				owner[address] = id
				merge.SetLoopback(s, id, address)
			}
			for i := range inForce {
				inForce[i].Local.Loopback = s.Local[inForce[i].ID].Loopback
				if inForce[i].Local.Loopback == "" {
					t.Fatalf("%s has none", inForce[i].ID)
				}
			}
		}
		if again := merge.GiveLoopbacks(s, inForce); again != nil {
			t.Fatalf("given again: %v", again)
		}
	})
}

func TestLoopbackFollowsTheName(t *testing.T) {
	api := wantsLoopback("api")
	here, there := merge.GiveLoopbacks(&portolan.State{}, []portolan.Forward{api}), portolan.Forward(api)
	there.ID = "another machine's"
	first := here[api.ID]
	if second := merge.GiveLoopbacks(&portolan.State{}, []portolan.Forward{there})[there.ID]; first == "" || first != second {
		t.Errorf("%q here, %q there", first, second)
	}
	taken := &portolan.State{Local: map[portolan.ID]portolan.Local{"other": {Loopback: first}}}
	if next := merge.GiveLoopbacks(taken, []portolan.Forward{api})[api.ID]; next == "" || next == first {
		t.Errorf("%q is given although another forward has %q", next, first)
	}
}

func TestOwnLoopbackGivesWay(t *testing.T) {
	for name, change := range map[string]func(*portolan.Forward){
		"not asked for":        func(f *portolan.Forward) { f.Entry.Rest = nil },
		"off":                  func(f *portolan.Forward) { f.Entry.Rest[0].Value = json.RawMessage("false") },
		"set for this machine": func(f *portolan.Forward) { f.Local.Override.LocalAddress = "127.0.0.1" },
		"beyond loopback":      func(f *portolan.Forward) { f.Entry.LocalAddress = "0.0.0.0" },
		"not wanted":           func(f *portolan.Forward) { f.Local.Wanted = false },
	} {
		f := wantsLoopback("api")
		change(&f)
		if given := merge.GiveLoopbacks(&portolan.State{}, []portolan.Forward{f}); given != nil {
			t.Errorf("%s: %v", name, given)
		}
	}
	f := wantsLoopback("api")
	f.Entry.LocalAddress = "127.0.0.1" // as kftray writes it
	if !merge.OwnLoopback(f) {
		t.Error("kftray's local_address keeps it from an address of its own")
	}
}
