package kube

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Kubeconfig is one file that the contexts are read from.
type Kubeconfig struct {
	Path   string
	Exists bool
}

// Plugin is a program that a kubeconfig names to get credentials from (KEP-541,
// client-go credential plugins).
type Plugin struct {
	Command     string
	Path        string   // what runs, as an absolute path; "" where there is none
	InstallHint string   // the kubeconfig's own words for that case
	Contexts    []string // whose credentials it gets, sorted
}

// Files lists the kubeconfig files in the order in which they are read, also
// those that are missing.
func (c *Clusters) Files() []Kubeconfig {
	var files []Kubeconfig
	for _, path := range c.rules().Precedence {
		_, err := os.Stat(path)
		files = append(files, Kubeconfig{Path: path, Exists: !errors.Is(err, fs.ErrNotExist)})
	}
	return files
}

// Known lists the contexts with what their entries say, sorted by name.
func (c *Clusters) Known() ([]portolan.KubeContext, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.load(); err != nil {
		return nil, err
	}
	known := make([]portolan.KubeContext, 0, len(c.config.Contexts))
	for _, name := range slices.Sorted(maps.Keys(c.config.Contexts)) {
		entry := c.config.Contexts[name]
		context := portolan.KubeContext{Name: name, Cluster: entry.Cluster, Namespace: entry.Namespace, Current: name == c.config.CurrentContext}
		if cluster := c.config.Clusters[entry.Cluster]; cluster != nil {
			context.Server = cluster.Server
		}
		known = append(known, context)
	}
	return known, nil
}

// Plugins lists the credential plugins of all contexts, sorted by command, each
// looked up as client-go would do it: a command without a slash in PATH, one with
// a slash beside the kubeconfig that names it.
func (c *Clusters) Plugins() ([]Plugin, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.load(); err != nil {
		return nil, err
	}
	found := map[string]*Plugin{}
	for _, name := range slices.Sorted(maps.Keys(c.config.Contexts)) {
		user := c.config.AuthInfos[c.config.Contexts[name].AuthInfo]
		if user == nil || user.Exec == nil {
			continue
		}
		p := found[user.Exec.Command]
		if p == nil {
			p = &Plugin{Command: user.Exec.Command, Path: lookUp(user.Exec.Command), InstallHint: user.Exec.InstallHint}
			found[p.Command] = p
		}
		p.Contexts = append(p.Contexts, name)
	}
	plugins := make([]Plugin, 0, len(found))
	for _, command := range slices.Sorted(maps.Keys(found)) {
		plugins = append(plugins, *found[command])
	}
	return plugins, nil
}

// lookUp is the program that a command starts, or "". What is relative has been
// made absolute by loading.
func lookUp(command string) string {
	path, err := exec.LookPath(command)
	if err != nil {
		return ""
	}
	if path, err = filepath.Abs(path); err != nil {
		return ""
	}
	return path
}
