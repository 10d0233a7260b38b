package engine

import (
	"context"
	"net"
	"strconv"
	"strings"

	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
)

// Kubectl implements [api.API].
func (e *Engine) Kubectl(ctx context.Context, id portolan.ID) (string, error) {
	if err := e.running(ctx); err != nil {
		return "", err
	}
	f, err := e.viewOf(id)
	if err != nil {
		return "", err
	}
	if fault := portolan.NotSupported(f.Entry); fault != nil {
		return "", fault
	}
	state := e.cfg.Store.Peek()
	return kubectl(merge.TargetOf(state, f.Forward), spec(state, f.Forward).Host, localPort(f)), nil
}

// localPort is the port on which a forward listens, or would: 0 where any will
// do.
func localPort(f portolan.ForwardView) int {
	for _, address := range f.Status.Addresses {
		if _, port, err := net.SplitHostPort(address); err == nil {
			if n, err := strconv.Atoi(port); err == nil {
				return n
			}
		}
	}
	if f.Entry.LocalPort != 0 {
		return f.Entry.LocalPort
	}
	return f.Local.Port
}

// kubectl is the command that forwards to a target, as words of a POSIX shell. It
// names no pod where the target is a selector, because the pod of today is gone
// tomorrow: the shell asks for one.
func kubectl(t portolan.Target, host string, port int) string {
	var at []string
	if t.Context != "" {
		at = append(at, "--context", t.Context)
	}
	if t.Namespace != "" {
		at = append(at, "--namespace", t.Namespace)
	}
	words := append([]string{"kubectl", "port-forward"}, at...)
	if host != "" && host != "localhost" { // kubectl's default, too
		words = append(words, "--address", host)
	}
	local := ""
	if port != 0 {
		local = strconv.Itoa(port)
	}
	ports := local + ":" + t.Port.String()
	if t.Selector == "" {
		return shell(append(words, string(t.Kind)+"/"+t.Name, ports))
	}
	ask := append([]string{"kubectl", "get", "pods"}, at...)
	ask = append(ask, "--selector", t.Selector, "--field-selector", "status.phase=Running", "--output", "name")
	return shell(words) + ` "$(` + shell(ask) + ` | head -n 1)" ` + portolan.Quote(ports)
}

func shell(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = portolan.Quote(w)
	}
	return strings.Join(quoted, " ")
}
