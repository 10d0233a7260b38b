package notify

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// engine is an engine whose view the test sets. Only what a watcher calls is there.
type engine struct {
	api.API
	mu    sync.Mutex
	view  portolan.View
	moved chan struct{}
	off   Kind
}

func (e *engine) set(change func(*portolan.View)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	change(&e.view)
	e.view.Revision++
	close(e.moved)
	e.moved = make(chan struct{})
}

func (e *engine) Changes(ctx context.Context, since int64) (portolan.Changes, error) {
	for {
		e.mu.Lock()
		moved := e.moved
		if e.view.Revision != since {
			defer e.mu.Unlock()
			return portolan.Changes{Whole: true, Revision: e.view.Revision,
				Sources: slices.Clone(e.view.Sources), Forwards: slices.Clone(e.view.Forwards)}, nil
		}
		e.mu.Unlock()
		select {
		case <-moved:
		case <-ctx.Done():
			return portolan.Changes{}, ctx.Err()
		}
	}
}

func (e *engine) Settings(context.Context) ([]portolan.Setting, error) {
	list := portolan.Settings{}.List()
	for i := range list {
		if list[i].Name == string(e.off) {
			list[i].Value = "off"
		}
	}
	return list, nil
}

func forward(id, alias string, phase portolan.Phase) portolan.ForwardView {
	entry := portolan.Entry{Alias: alias, Service: alias}
	return portolan.ForwardView{
		Forward: portolan.Forward{ID: portolan.ID(id), Source: "team", Environment: "dev", Entry: entry, Team: entry,
			Local: portolan.Local{Wanted: phase != portolan.Off}},
		Status: portolan.Status{Phase: phase},
	}
}

func source(sha, message string) portolan.SourceView {
	return portolan.SourceView{SourceConfig: portolan.SourceConfig{Name: "team"}, Commit: portolan.Commit{SHA: sha, Message: message}}
}

func set(sources []portolan.SourceView, forwards ...portolan.ForwardView) func(*portolan.View) {
	return func(v *portolan.View) { v.Sources, v.Forwards = sources, forwards }
}

// TestWatcher tells stories: what the view becomes, and after how long what was
// told.
func TestWatcher(t *testing.T) {
	type step struct {
		set  func(*portolan.View)
		wait time.Duration
		want string // titles and texts told in this step
	}
	one, two := []portolan.SourceView{source("a", "")}, []portolan.SourceView{source("b", "Say it better")}
	three := []portolan.SourceView{source("c", "")}
	off, ready, lost := forward("1", "shop", portolan.Off), forward("1", "shop", portolan.Ready), forward("1", "shop", portolan.Unreachable)
	lost.Status.Fault = &portolan.Fault{Kind: portolan.Later, Message: "the cluster does not answer"}
	moved := forward("1", "shop", portolan.Off)
	moved.Team.Service = "shop-2"
	waits := []portolan.SourceView{source("a", "")}
	waits[0].Review = &portolan.ReviewView{Commit: two[0].Commit, Changes: 2}
	stalled := []portolan.SourceView{source("a", "")}
	stalled[0].Status = portolan.SourceStatus{Phase: portolan.SyncStalled,
		Fault: &portolan.Fault{Kind: portolan.SignIn, Code: "github-unauthorized", Message: "github.com does not take the token"}}
	for _, story := range []struct {
		name  string
		off   Kind
		steps []step
	}{
		{name: "the first sync is no news", steps: []step{
			{set(nil), time.Hour, ""},
			{set(one, off), time.Hour, ""},
		}},
		{name: "a commit changes forwards", steps: []step{
			{set(one, off), time.Second, ""},
			{set(two, moved, forward("2", "api", portolan.Off)), time.Second, "team: 1 added, 1 changed|dev/api, dev/shop · Say it better"},
			{set(three, off), time.Second, ""}, // too soon
			{nil, 2 * time.Minute, "team: 1 changed, 1 removed|dev/shop, dev/api"},
			{set(two, off), time.Hour, ""}, // a commit that changes no forward
		}},
		{name: "own edits are no news", steps: []step{
			{set(one, off), time.Second, ""},
			{set(one, func() portolan.ForwardView { f := off; f.Entry.LocalPort = 1; return f }()), time.Hour, ""},
		}},
		{name: "a commit waits for a yes", steps: []step{
			{set(one, off), time.Second, ""},
			{set(waits, off), time.Second, "team: 2 changes wait for your yes|Say it better"},
			{set(waits, ready), time.Hour, ""},
			{set(two, moved), time.Second, "team: 1 changed|dev/shop · Say it better"},
			{set(waits, moved), time.Second, "team: 2 changes wait for your yes|Say it better"},
		}},
		{name: "a commit that waited before the start", steps: []step{
			{set(waits, off), time.Second, "team: 2 changes wait for your yes|Say it better"},
		}},
		{name: "switched off", off: Changes, steps: []step{
			{set(one, off), time.Second, ""},
			{set(two, moved), time.Hour, ""},
		}},
		{name: "lost for 30 s", steps: []step{
			{set(one, ready), time.Second, ""},
			{set(one, lost), 29 * time.Second, ""},
			{nil, 2 * time.Second, "dev/shop is down|the cluster does not answer"},
			{nil, time.Hour, ""},
			{set(one, ready), time.Second, ""},
			{set(one, lost), 31 * time.Second, "dev/shop is down|the cluster does not answer"},
		}},
		{name: "back in time", steps: []step{
			{set(one, ready), time.Second, ""},
			{set(one, lost), 20 * time.Second, ""},
			{set(one, ready), time.Second, ""},
			{set(one, lost), 20 * time.Second, ""},
			{set(one, off), time.Hour, ""},
		}},
		{name: "never up is not lost", steps: []step{
			{set(one, off), time.Second, ""},
			{set(one, lost), time.Hour, ""},
		}},
		{name: "several at once", steps: []step{
			{set(one, ready, forward("2", "api", portolan.Ready), forward("3", "db", portolan.Listening)), time.Second, ""},
			{set(one, lost, forward("2", "api", portolan.Waiting), forward("3", "db", portolan.Unreachable)), 31 * time.Second,
				"3 forwards are down|dev/api, dev/db, dev/shop"},
		}},
		{name: "sign in, also at the start", steps: []step{
			{set(stalled, off), time.Second, "Sign in for team|github.com does not take the token"},
			{set(stalled, forward("1", "shop", portolan.SignInNeeded)), time.Second, ""}, // too soon
			{nil, 2 * time.Minute, "Sign in for dev/shop|the cluster asks for it"},
			{set(one, off), time.Hour, ""},
			{set(stalled, off), time.Second, "Sign in for team|github.com does not take the token"},
		}},
	} {
		t.Run(story.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := &engine{moved: make(chan struct{}), off: story.off}
				told := make(chan string, 8)
				w := &Watcher{API: e, Show: func(n Note) { told <- n.Title + "|" + n.Text }}
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan error)
				go func() { ended <- w.Run(ctx) }()
				for i, s := range story.steps {
					if s.set != nil {
						e.set(s.set)
					}
					time.Sleep(s.wait)
					synctest.Wait()
					var got []string
					for len(told) > 0 {
						got = append(got, <-told)
					}
					if got := strings.Join(got, "; "); got != s.want {
						t.Errorf("step %d told %q, want %q", i, got, s.want)
					}
				}
				cancel()
				<-ended
			})
		})
	}
}
