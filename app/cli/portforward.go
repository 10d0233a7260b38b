package cli

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/portolan-app/portolan/internal/portolan"
)

// PortForward is a forward as kubectl's arguments state it. Its functions may be
// called by several goroutines at once.
type PortForward struct {
	Kubeconfig string   // a file; "" = KUBECONFIG, else the user's own
	Context    string   // "" = the current one
	Namespace  string   // "" = the context's
	Addresses  []string // "localhost" or IPs, never empty
	Kind       portolan.WorkloadType
	Name       string
	Ports      []PortPair
	Wait       time.Duration // how long a pod may take to run, at most
	Stock      bool          // connections are carried as the setting mux=stock has it

	// Ready is called for each address once it listens, with the port of the pod
	// to which it leads.
	Ready func(address netip.AddrPort, remote int)
	// Handling is called for each local connection, with the local port.
	Handling func(local int)
	// Failing is called when connections begin to fail, and why.
	Failing func(*portolan.Fault)
}

// PortPair is one [LOCAL:]REMOTE. A zero Local asks for any free port; a Local
// by name, which is then Remote's, stands for the number that the name has in
// the service or pod.
type PortPair struct {
	Local, Remote portolan.Port
}

func (p *program) portForward() *cobra.Command {
	f := PortForward{}
	c := &cobra.Command{
		Use:   "port-forward TYPE/NAME [LOCAL:]REMOTE...",
		Short: "Forward without any entry, as kubectl does, until Ctrl-C",
		Long: `Forward to a pod, service or workload in the foreground, with kubectl's arguments
and output but on Portolan's engine: a failing connection ends itself and nothing
else, and the listener stays when the pod goes.

TYPE is po, svc, deploy, sts, ds, rs or job, and may be left out for a pod. A port
is a number or a name; without a LOCAL one the same number is used, and ":REMOTE"
picks a free one.`,
		Example: `  portolan port-forward svc/api 8080:80
  portolan port-forward -n shop deploy/api :http 9090
  portolan port-forward --address localhost,10.0.0.5 pod/api-0 5432`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usagef(cmd, "TYPE/NAME and list of ports are required for port-forward")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := parsePortForward(&f, args); err != nil {
				return usage(cmd, err)
			}
			return p.runPortForward(cmd.Context(), f)
		},
	}
	flags := c.Flags()
	flags.StringSliceVar(&f.Addresses, "address", []string{"localhost"}, "`ADDRESSES` to listen on: IPs or localhost")
	flags.StringVarP(&f.Namespace, "namespace", "n", "", "`NAMESPACE` (default: the context's)")
	flags.StringVar(&f.Context, "context", "", "`CONTEXT` of the kubeconfig (default: the current one)")
	flags.StringVar(&f.Kubeconfig, "kubeconfig", "", "kubeconfig `FILE` (default: $KUBECONFIG, else ~/.kube/config)")
	flags.DurationVar(&f.Wait, "pod-running-timeout", time.Minute, "`TIME` to wait at most for a running pod")
	flags.BoolVar(&f.Stock, "stock", false, "carry connections with the library that kubectl uses, which is slower (like the setting mux)")
	twins(flags, "address", "pod-running-timeout")
	return c
}

func (p *program) runPortForward(ctx context.Context, f PortForward) error {
	waited := p.progress(fmt.Sprintf("waiting for %s/%s", f.Kind, f.Name), nil)
	defer waited()
	var mu sync.Mutex // keeps the lines of simultaneous calls apart
	f.Ready = func(address netip.AddrPort, remote int) {
		waited()
		mu.Lock()
		defer mu.Unlock()
		p.out.printf("Forwarding from %s -> %d\n", address, remote)
	}
	f.Handling = func(local int) {
		mu.Lock()
		defer mu.Unlock()
		p.out.printf("Handling connection for %d\n", local)
	}
	f.Failing = func(fault *portolan.Fault) {
		mu.Lock()
		defer mu.Unlock()
		p.reportFault(fault)
	}
	return untilInterrupted(p.PortForward(ctx, f))
}

// parsePortForward reads TYPE/NAME and the ports, by kubectl's rules.
func parsePortForward(f *PortForward, args []string) error {
	kind, name, typed := strings.Cut(args[0], "/")
	if !typed {
		kind, name = "pod", args[0]
	}
	var ok bool
	if f.Kind, ok = workload(kind); !ok {
		return fmt.Errorf("cannot forward to a %s: TYPE is one of po, svc, deploy, sts, ds, rs, job", quote(kind))
	}
	if f.Name = name; name == "" || strings.Contains(name, "/") {
		return fmt.Errorf("%s is not TYPE/NAME", quote(args[0]))
	}
	for _, address := range f.Addresses {
		if _, err := netip.ParseAddr(address); err != nil && address != "localhost" {
			return fmt.Errorf("%s is not a valid IP", quote(address))
		}
	}
	for _, arg := range args[1:] {
		pair, err := parsePorts(arg)
		if err != nil {
			return err
		}
		f.Ports = append(f.Ports, pair)
	}
	return nil
}

// parsePorts reads [LOCAL:]REMOTE.
func parsePorts(arg string) (PortPair, error) {
	local, remote, both := strings.Cut(arg, ":")
	if !both {
		remote = local
	}
	pair := PortPair{Remote: portOf(remote)}
	if n := pair.Remote; n.IsZero() || n.Number < 0 || n.Number > 65535 || strings.Contains(remote, ":") {
		return pair, fmt.Errorf("%s is not [LOCAL:]REMOTE: the remote port is a name, or a number from 1 to 65535", quote(arg))
	}
	switch n, err := strconv.ParseUint(local, 10, 16); {
	case !both:
		pair.Local = pair.Remote
	case local == "":
	case err != nil:
		return pair, fmt.Errorf("%s is not [LOCAL:]REMOTE: the local port is a number up to 65535", quote(arg))
	default:
		pair.Local.Number = int(n)
	}
	return pair, nil
}

func portOf(text string) portolan.Port {
	if n, err := strconv.Atoi(text); err == nil {
		return portolan.Port{Number: n}
	}
	return portolan.Port{Name: text}
}

// workload is the kind that kubectl understands by a resource's name: singular,
// plural or short, in any case, with or without its group.
func workload(resource string) (portolan.WorkloadType, bool) {
	resource, _, _ = strings.Cut(strings.ToLower(resource), ".")
	for _, w := range []struct {
		kind  portolan.WorkloadType
		names []string
	}{
		{portolan.Pod, []string{"pod", "pods", "po"}},
		{portolan.Service, []string{"service", "services", "svc"}},
		{portolan.Deployment, []string{"deployment", "deployments", "deploy"}},
		{portolan.StatefulSet, []string{"statefulset", "statefulsets", "sts"}},
		{portolan.DaemonSet, []string{"daemonset", "daemonsets", "ds"}},
		{portolan.ReplicaSet, []string{"replicaset", "replicasets", "rs"}},
		{portolan.Job, []string{"job", "jobs"}},
	} {
		if slices.Contains(w.names, resource) {
			return w.kind, true
		}
	}
	return "", false
}
