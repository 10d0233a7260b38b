package kube

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"

	_ "k8s.io/client-go/plugin/pkg/client/auth" // OIDC
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/klog/v2"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Clusters gives the clusters of the person's kubeconfig files by context. The
// files are looked at on each use and read again when one has changed, as are the
// certificates that they name; a cluster whose entries and certificates did not
// change stays the same *[Cluster]. The current-context is only read where no
// context is named, and never written.
//
// Methods may be called by several goroutines at once.
type Clusters struct {
	paths []string
	log   *slog.Logger

	mu     sync.Mutex
	seen   map[string]fs.FileInfo // of the files that were there
	config *clientcmdapi.Config
	open   map[string]*Cluster
	logins map[string]known // by user
}

// known is the login of a user, as long as the user's entry says the same.
type known struct {
	user clientcmdapi.AuthInfo
	*login
}

// LogThrough sends what client-go has to say, such as a failing exec plugin's
// output, to log in place of standard error. It is for the whole process: call it
// once, at the start.
func LogThrough(log *slog.Logger) { klog.SetSlogLogger(log.With("from", "client-go")) }

// unchanged reports whether a file holds what it held: one that was put in its place
// may be as long, and as old, as it.
func unchanged(was, is fs.FileInfo) bool {
	return was.Size() == is.Size() && was.ModTime().Equal(is.ModTime()) && os.SameFile(was, is)
}

// NewClusters returns the clusters of the given kubeconfig files. Without paths
// they are kubectl's: the list in KUBECONFIG, else ~/.kube/config. Of entries
// with the same name the first wins, and missing files are skipped.
func NewClusters(paths []string, log *slog.Logger) *Clusters {
	return &Clusters{paths: paths, log: log, open: map[string]*Cluster{}, logins: map[string]known{}}
}

// Contexts lists the known contexts, sorted, and the current one, which is ""
// where none is set.
func (c *Clusters) Contexts() (names []string, current string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.load(); err != nil {
		return nil, "", err
	}
	return slices.Sorted(maps.Keys(c.config.Contexts)), c.config.CurrentContext, nil
}

// Cluster returns the cluster of a context; "" means the current-context. It
// contacts nothing.
func (c *Clusters) Cluster(name string) (*Cluster, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.load(); err != nil {
		return nil, err
	}
	if name == "" {
		name = c.config.CurrentContext
	}
	entry := c.config.Contexts[name]
	if entry == nil {
		return nil, c.unknown(name)
	}
	id := identity{*entry, c.config.Clusters[entry.Cluster], c.config.AuthInfos[entry.AuthInfo]}
	named := id.files()
	if known := c.open[name]; known != nil && reflect.DeepEqual(known.identity, id) && maps.EqualFunc(known.files, named, unchanged) {
		return known, nil
	}
	loader := clientcmd.NewNonInteractiveClientConfig(*c.config, name, &clientcmd.ConfigOverrides{}, c.rules())
	config, err := loader.ClientConfig()
	if err != nil {
		return nil, unreadable(err)
	}
	namespace, _, err := loader.Namespace()
	if err != nil {
		return nil, unreadable(err)
	}
	cluster, err := newCluster(name, namespace, config, c.login(entry.AuthInfo), c.log.With("context", name))
	if err != nil {
		return nil, unreadable(err)
	}
	cluster.identity, cluster.files = id, named
	c.open[name] = cluster
	return cluster, nil
}

// login returns the one of a user, which all contexts of that user share. The caller
// holds mu.
func (c *Clusters) login(name string) *login {
	user := clientcmdapi.AuthInfo{}
	if entry := c.config.AuthInfos[name]; entry != nil {
		user = *entry
	}
	if known, ok := c.logins[name]; ok && reflect.DeepEqual(known.user, user) {
		return known.login
	}
	l := newLogin(user.Exec != nil)
	c.logins[name] = known{user, l}
	return l
}

// identity is everything in a kubeconfig that a cluster is made from.
type identity struct {
	context clientcmdapi.Context
	cluster *clientcmdapi.Cluster
	user    *clientcmdapi.AuthInfo
}

// files looks at the certificates and keys that the entries name in files of their
// own, which are replaced when they are about to expire. A token's file client-go
// reads again by itself.
func (id identity) files() map[string]fs.FileInfo {
	var paths []string
	if id.cluster != nil {
		paths = append(paths, id.cluster.CertificateAuthority)
	}
	if id.user != nil {
		paths = append(paths, id.user.ClientCertificate, id.user.ClientKey)
	}
	seen := map[string]fs.FileInfo{}
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil {
			seen[path] = info
		}
	}
	return seen
}

func (c *Clusters) rules() *clientcmd.ClientConfigLoadingRules {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	if len(c.paths) > 0 {
		rules.ExplicitPath = ""
		rules.Precedence = c.paths
	}
	rules.WarnIfAllMissing = false
	rules.MigrationRules = nil
	return rules
}

// load reads the files if one of them has changed. The caller holds mu.
func (c *Clusters) load() error {
	rules := c.rules()
	seen := map[string]fs.FileInfo{}
	for _, path := range rules.Precedence {
		info, err := os.Stat(path)
		switch {
		case err == nil:
			seen[path] = info
		case !errors.Is(err, fs.ErrNotExist):
			return unreadable(err)
		}
	}
	if c.config != nil && maps.EqualFunc(c.seen, seen, unchanged) {
		return nil
	}
	config, err := rules.Load()
	if err != nil {
		return unreadable(err)
	}
	c.config, c.seen = config, seen
	return nil
}

func unreadable(err error) *portolan.Fault {
	return &portolan.Fault{
		Kind: portolan.Failed, Code: "kubeconfig-unreadable",
		Message: "the kubeconfig cannot be used: " + err.Error(),
		Hint:    "correct it; `kubectl config view` shows the same problem",
	}
}

func (c *Clusters) unknown(name string) *portolan.Fault {
	f := &portolan.Fault{Kind: portolan.Failed, Code: "context-unknown"}
	known := slices.Sorted(maps.Keys(c.config.Contexts))
	switch {
	case len(known) == 0:
		f.Message = "there is no kubeconfig context on this machine; looked in " + strings.Join(c.rules().Precedence, ", ")
		f.Hint = "put the cluster's kubeconfig there, or name it in KUBECONFIG"
		return f
	case name == "":
		f.Message = "no context is named, and the kubeconfig has no current-context"
	default:
		f.Message = fmt.Sprintf("this machine has no context %q", name)
	}
	f.Hint = fmt.Sprintf("it has: %s; say which one stands for it with `portolan context map`", listed(known))
	return f
}

// listed joins names for a person, at most ten of them.
func listed(names []string) string {
	const most = 10
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
