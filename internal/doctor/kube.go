package doctor

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/portolan-app/portolan/internal/kube"
	"github.com/portolan-app/portolan/internal/portolan"
)

// kubeconfigs lists the files and their contexts. That there is none fails only
// where a forward needs one.
func (cfg Config) kubeconfigs(context.Context) []portolan.Check {
	const area = "kubeconfig"
	var checks []portolan.Check
	for _, f := range cfg.Clusters.Files() {
		check := ok(area, f.Path, "it is read")
		if !f.Exists {
			check.Outcome, check.Message = portolan.CheckWarning, "there is no such file"
			check.Hint = "put the cluster's kubeconfig there, or name its file in KUBECONFIG"
		}
		checks = append(checks, check)
	}
	known, err := cfg.Clusters.Known()
	if err != nil {
		return append(checks, bad(area, "contexts", err))
	}
	if len(known) == 0 {
		return append(checks, portolan.Check{Area: area, Name: "contexts", Outcome: cfg.needed(),
			Message: "there is no context on this machine",
			Hint:    "put a cluster's kubeconfig at one of the places above"})
	}
	names := make([]string, len(known))
	for i, c := range known {
		names[i] = c.Name
		if c.Current {
			names[i] += " (current)"
		}
	}
	return append(checks, ok(area, "contexts", "%s", strings.Join(names, ", ")))
}

// needed is the outcome of something that every forward needs.
func (cfg Config) needed() portolan.Outcome {
	if len(cfg.Targets) > 0 {
		return portolan.CheckFailed
	}
	return portolan.CheckWarning
}

// plugins looks up the programs that get credentials. One that is missing fails
// only where a forward uses its context.
func (cfg Config) plugins(context.Context) []portolan.Check {
	plugins, err := cfg.Clusters.Plugins()
	if err != nil {
		return nil // kubeconfigs has said so
	}
	var checks []portolan.Check
	for _, p := range plugins {
		check := ok("plugins", p.Command, "%s, for %s", p.Path, strings.Join(p.Contexts, ", "))
		if p.Path == "" {
			check.Outcome = portolan.CheckWarning
			if slices.ContainsFunc(cfg.Targets, func(t portolan.Target) bool { return slices.Contains(p.Contexts, t.Context) }) {
				check.Outcome = portolan.CheckFailed
			}
			check.Message = fmt.Sprintf("it is not in PATH, and %s cannot log in without it", strings.Join(p.Contexts, ", "))
			check.Hint = cmp.Or(strings.TrimSpace(p.InstallHint), "install it, or add its directory to PATH")
		}
		checks = append(checks, check)
	}
	return checks
}

// place is where rights are asked for.
type place struct{ context, namespace string }

// rights asks for each context and namespace that forwards lead to whether they
// may, clusters side by side.
func (cfg Config) rights(ctx context.Context) []portolan.Check {
	var contexts []string
	places := map[string][]place{}
	needs := map[place][]kube.Right{}
	for _, t := range cfg.Targets {
		p := place{t.Context, t.Namespace}
		if !slices.Contains(contexts, t.Context) {
			contexts = append(contexts, t.Context)
		}
		if needs[p] == nil {
			places[t.Context] = append(places[t.Context], p)
		}
		for _, right := range kube.Rights(t) {
			if !slices.Contains(needs[p], right) {
				needs[p] = append(needs[p], right)
			}
		}
	}
	slices.Sort(contexts)
	return sideBySide(len(contexts), func(i int) []portolan.Check {
		return cfg.cluster(ctx, contexts[i], places[contexts[i]], needs)
	})
}

// cluster asks one API server, which is not asked on once it does not answer.
func (cfg Config) cluster(ctx context.Context, name string, places []place, needs map[place][]kube.Right) []portolan.Check {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	label := "context " + cmp.Or(name, "(the current one)")
	cluster, err := cfg.Clusters.Cluster(name)
	if err != nil {
		return []portolan.Check{bad("rights", label, err)}
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.namespace, b.namespace) })
	var checks []portolan.Check
	for _, p := range places {
		namespace, denied, err := cluster.Denied(ctx, p.namespace, needs[p])
		if err != nil {
			return append(checks, bad("rights", label, err))
		}
		checks = append(checks, verdict(fmt.Sprintf("%s, namespace %s", label, namespace), namespace, needs[p], denied))
	}
	return checks
}

// verdict says what is denied, and what to ask for.
func verdict(name, namespace string, needed, denied []kube.Right) portolan.Check {
	if len(denied) == 0 {
		required := slices.DeleteFunc(slices.Clone(needed), func(r kube.Right) bool { return r.Optional })
		return ok("rights", name, "everything that %d kinds of request need", len(required))
	}
	var missing []string
	for _, r := range denied {
		missing = append(missing, r.String())
	}
	return portolan.Check{Area: "rights", Name: name, Outcome: portolan.CheckFailed,
		Message: "it lacks " + strings.Join(missing, ", "),
		Hint:    "ask whoever runs the cluster for this role, and a binding to it",
		Role:    kube.Role(namespace, needed)}
}
