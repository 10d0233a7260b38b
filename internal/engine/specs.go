package engine

import (
	"fmt"
	"slices"

	"github.com/portolan-app/portolan/internal/forward"
	"github.com/portolan-app/portolan/internal/portolan"
)

// specs says how each wanted forward shall be run.
func specs(s *portolan.State, inForce []portolan.Forward) []forward.Spec {
	var out []forward.Spec
	for _, f := range inForce {
		if f.Local.Wanted {
			out = append(out, spec(s, f))
		}
	}
	return out
}

func spec(s *portolan.State, f portolan.Forward) forward.Spec {
	host, port := f.Entry.LocalAddress, f.Entry.LocalPort
	if asksBeyondLoopback(s, f) {
		host = ""
	}
	if port == 0 {
		port = f.Local.Port
	}
	return forward.Spec{
		ID:          f.ID,
		Name:        f.Key,
		Target:      target(s, f),
		Host:        host,
		Port:        port,
		Held:        held(f),
		Unsupported: portolan.NotSupported(f.Entry),
	}
}

// target is where f leads on this machine: the team's context is the one that
// the person mapped it to. A context of this machine's own (an override, a
// local-only entry) is taken as it is.
func target(s *portolan.State, f portolan.Forward) portolan.Target {
	t := portolan.TargetOf(f.Entry)
	if f.Source == portolan.Mine || f.Local.Override.Context != "" {
		return t
	}
	if mine := s.Contexts[f.Environment][t.Context]; mine != "" {
		t.Context = mine
	}
	return t
}

// held is why a wanted forward waits for a yes, or nil.
func held(f portolan.Forward) *portolan.Fault {
	before := f.Local.Approved
	if before == nil {
		return nil
	}
	after := portolan.TargetOf(f.Entry)
	return &portolan.Fault{
		Kind: portolan.Failed, Code: "changed-confirm",
		Message: fmt.Sprintf("the team moved it from %s to %s", describe(*before), describe(after)),
		Hint:    "if that is right, say yes with: portolan confirm " + f.Source + ":" + f.Environment + "/" + f.Key,
	}
}

func describe(t portolan.Target) string {
	what := string(t.Kind) + "/" + t.Name
	if t.Name == "" {
		what = string(t.Kind) + "s with " + t.Selector
	}
	return fmt.Sprintf("%s port %s in namespace %q of context %q", what, t.Port, t.Namespace, t.Context)
}

// asksBeyondLoopback reports whether a shared file wants f to listen where
// others can reach it, and nobody on this machine has said yes to that address.
func asksBeyondLoopback(s *portolan.State, f portolan.Forward) bool {
	if f.Source == portolan.Mine || f.Local.Override.LocalAddress != "" || !portolan.BeyondLoopback(f.Entry.LocalAddress) {
		return false
	}
	return !slices.ContainsFunc(s.Consents, func(c portolan.Consent) bool {
		return c.Source == f.Source && c.Effect == "bind-address" && c.Value == f.Entry.LocalAddress
	})
}
