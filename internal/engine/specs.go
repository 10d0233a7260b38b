package engine

import (
	"fmt"

	"github.com/portolan-app/portolan/internal/forward"
	"github.com/portolan-app/portolan/internal/merge"
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
	if merge.AsksToBind(s, f) {
		host = ""
	}
	if port == 0 {
		port = f.Local.Port
	}
	return forward.Spec{
		ID:          f.ID,
		Name:        f.Key,
		Target:      merge.TargetOf(s, f),
		Host:        host,
		Port:        port,
		Wanted:      true,
		Held:        held(f),
		Unsupported: portolan.NotSupported(f.Entry),
	}
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
