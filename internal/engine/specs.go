package engine

import (
	"fmt"
	"runtime"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/forward"
	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
)

// specs says how each wanted forward shall be run.
func specs(s *portolan.State, inForce []portolan.ForwardView) []forward.Spec {
	var out []forward.Spec
	for i := range inForce {
		if f := &inForce[i].Forward; f.Local.Wanted {
			out = append(out, spec(s, *f))
		}
	}
	return out
}

func spec(s *portolan.State, f portolan.Forward) forward.Spec {
	host, port := f.Entry.LocalAddress, f.Entry.LocalPort
	switch {
	case merge.AsksToBind(s, f):
		host = ""
	case ownLoopback && merge.OwnLoopback(f):
		host = f.Local.Loopback
	}
	picked := port == 0 && f.Local.Port != 0
	if picked {
		port = f.Local.Port
	}
	return forward.Spec{
		ID:          f.ID,
		Name:        nameOf(f),
		Target:      merge.TargetOf(s, f),
		Host:        host,
		Port:        port,
		Picked:      picked,
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
		Hint:    "if that is right, say yes with: portolan confirm " + portolan.Quote(nameOf(f)),
	}
}

// nameOf is the name that fits one forward only.
func nameOf(f portolan.Forward) string { return api.FullName(portolan.ForwardView{Forward: f}) }

// ownLoopback: every address of 127.0.0.0/8 can be listened on. Elsewhere it takes
// an administrator to add one, or nobody has tried.
const ownLoopback = runtime.GOOS == "linux"

func describe(t portolan.Target) string {
	what := string(t.Kind) + "/" + t.Name
	if t.Name == "" {
		what = string(t.Kind) + "s with " + t.Selector
	}
	return fmt.Sprintf("%s port %s in namespace %q of context %q", what, t.Port, t.Namespace, t.Context)
}
