package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Info is where things are in a scene that runs.
type Info struct {
	RepoURL    string   // what a person adds as a source
	RepoDir    string   // the same repository on disk, with a work tree to commit in
	Kubeconfig string   // a file with the contexts
	Contexts   []string // demo-dev, demo-staging and demo-prod
	Home       string   // a directory for PORTOLAN_HOME that goes with the scene; not made yet

	Cluster *Cluster
	GitHub  *GitHub
}

// Scene is a team's world: a repository with its environment files, and a
// cluster with what they point at, in three environments.
type Scene struct{ dir string }

// NewScene returns a scene that will keep its files in a new directory inside
// dir; "" is the system's directory for temporary files.
func NewScene(dir string) *Scene { return &Scene{dir: dir} }

// Run sets the scene up, calls ready once, and goes on until ctx has ended and
// ready has returned. Then it stops everything and removes its files, the home
// included, whatever the reason for the end.
func (s *Scene) Run(ctx context.Context, ready func(Info)) (err error) {
	dir, err := os.MkdirTemp(s.dir, "portolan-demo-")
	if err != nil {
		return fmt.Errorf("making a directory for the demo: %w", err)
	}
	defer func() {
		if failed := os.RemoveAll(dir); failed != nil {
			err = errors.Join(err, fmt.Errorf("removing the demo's files: %w", failed))
		}
	}()
	info := Info{
		RepoDir:    filepath.Join(dir, "forwards"),
		Kubeconfig: filepath.Join(dir, "kubeconfig"),
		Home:       filepath.Join(dir, "home"),
		Contexts:   contexts(),
		Cluster:    NewCluster(ClusterConfig{}),
	}
	info.GitHub = NewGitHub(GitHubConfig{Dir: info.RepoDir, Owner: "demo-team", Name: "forwards"})
	if err := populate(info.Cluster); err != nil {
		return fmt.Errorf("setting up the demo cluster: %w", err)
	}
	files, err := repositoryFiles()
	if err != nil {
		return fmt.Errorf("choosing local ports for the demo: %w", err)
	}
	if err := initRepository(info.RepoDir, files); err != nil {
		return fmt.Errorf("making the demo repository: %w", err)
	}
	return together(ctx, []part{info.Cluster.Run, info.GitHub.Run}, func() error {
		info.RepoURL = info.GitHub.URL()
		if err := os.WriteFile(info.Kubeconfig, info.Cluster.Kubeconfig(info.Contexts...), 0o600); err != nil {
			return fmt.Errorf("writing the demo's kubeconfig: %w", err)
		}
		ready(info)
		return nil
	})
}

// part is a server's Run.
type part func(ctx context.Context, ready func()) error

// together runs parts until ctx ends or one of them fails, and calls then once
// all are ready. It returns when all parts and then have.
func together(ctx context.Context, parts []part, then func() error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	errs := make([]error, len(parts))
	started := make(chan struct{}, len(parts))
	var running sync.WaitGroup
	for i, run := range parts {
		running.Go(func() {
			errs[i] = run(ctx, func() { started <- struct{}{} })
			stop() // one without the other is no scene
		})
	}
	for range parts {
		select {
		case <-started:
		case <-ctx.Done():
		}
	}
	var err error
	if ctx.Err() == nil {
		if err = then(); err != nil {
			stop()
		}
	}
	<-ctx.Done()
	running.Wait()
	return errors.Join(append(errs, err)...)
}

// initRepository makes a repository on the branch main with one commit of
// files. It has a user of its own, so that a commit works on a machine whose git
// does not know its user.
func initRepository(dir string, files map[string]string) error {
	made, err := git.PlainInitWithOptions(dir, &git.PlainInitOptions{
		InitOptions: git.InitOptions{DefaultBranch: plumbing.NewBranchReferenceName("main")},
	})
	if err != nil {
		return err
	}
	config, err := made.Config()
	if err != nil {
		return err
	}
	config.User.Name, config.User.Email = "Demo Team", "team@demo.example"
	config.Raw.SetOption("core", "", "autocrlf", "false") // the files have the same bytes on every system
	config.Raw.SetOption("commit", "", "gpgsign", "false")
	if err := made.SetConfig(config); err != nil {
		return err
	}
	tree, err := made.Worktree()
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
		if _, err := tree.Add(name); err != nil {
			return err
		}
	}
	author := &object.Signature{Name: config.User.Name, Email: config.User.Email, When: time.Now()}
	_, err = tree.Commit("Share our forwards", &git.CommitOptions{Author: author, Committer: author})
	return err
}

// environments are the demo's: what its cluster calls them, and for each how
// many copies of the shop there are.
var environments = []struct {
	name, short string
	replicas    int
}{
	{"development", "dev", 1},
	{"staging", "staging", 1},
	{"production", "prod", 2},
}

func contexts() []string {
	var names []string
	for _, e := range environments {
		names = append(names, "demo-"+e.short)
	}
	return names
}

// replacement is how long a deleted pod of the demo is missing.
const replacement = 2 * time.Second

// populate puts the team's services into the cluster, in a namespace for each
// environment.
func populate(c *Cluster) error {
	for _, e := range environments {
		namespace := "shop-" + e.short
		err := c.Put("namespaces", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})
		apps := []struct {
			kind, name  string
			replicas    int
			port        Port
			servicePort int32
		}{
			{"Deployment", "shop", e.replicas, Port{"http", 8080, Shop(e.name)}, 80},
			{"Deployment", "orders", 1, Port{"http", 3000, Orders()}, 80},
			{"StatefulSet", "postgres", 1, Port{"postgres", 5432, Greeter}, 5432},
			{"Deployment", "echo", 1, Port{"echo", 7000, Echo}, 7000},
		}
		for _, app := range apps {
			labels := map[string]string{"app": app.name}
			service := corev1.ServicePort{Name: app.port.Name, Port: app.servicePort, TargetPort: intstr.FromString(app.port.Name)}
			err = errors.Join(err,
				c.AddService(namespace, app.name, labels, service),
				c.AddWorkload(Workload{
					Kind: app.kind, Namespace: namespace, Name: app.name, Labels: labels,
					Replicas: app.replicas, Ports: []Port{app.port}, After: replacement,
				}))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// freePorts are n loopback ports that nothing listens on.
func freePorts(n int) ([]int, error) {
	var ports []int
	for range n {
		listener, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer listener.Close() // held until all are chosen, so that they differ
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
