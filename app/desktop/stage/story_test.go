//go:build stage

package stage

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/keyringtest"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/traytest"
)

// token is that of the story's account. No key comes twice in a row.
const token = "github_pat_demo"

// TestStory is a person's first day with a team's forwards, by mouse and keys in
// the real window: each step is seen on the page, and from outside.
func TestStory(t *testing.T) {
	s := newStory(t)
	w := s.open("portolan-desktop")
	t.Cleanup(func() { // before the window closes
		if t.Failed() {
			s.picture("failed")
		}
	})
	s.addsASource()
	s.startsAForward()
	s.opensIt()
	port := s.editsIt()
	s.repositoryWins(port)
	s.takesBack()
	w.close()
	s.answers(s.url)
}

// story is a day of a person with a keychain and a panel, in a team with a private
// repository.
type story struct {
	*person
	*reader
	t       *testing.T
	info    demo.Info
	github  *demo.GitHub
	icon    *traytest.Icon
	browser string // the file where the addresses are that were opened
	url     string // of the forward
}

func newStory(t *testing.T) *story {
	t.Helper()
	p := somebody(t)
	s := &story{person: p, reader: &reader{t}, t: t, info: p.scene(), browser: filepath.Join(p.dir, "opened")}
	s.github = demo.NewGitHub(demo.GitHubConfig{Dir: s.info.RepoDir, Owner: "demo-team", Name: "private", Token: token})
	keyringtest.StartOn(t, display.Env)
	panel := traytest.StartPanel(t, display.Env)
	up := make(chan struct{})
	p.running(func(ctx context.Context) error { return s.github.Run(ctx, func() { close(up) }) })
	<-up
	opener := "#!/bin/sh\necho \"$1\" >> " + s.browser + "\n"
	if err := os.WriteFile(filepath.Join(p.dir, "xdg-open"), []byte(opener), 0o700); err != nil {
		t.Fatal(err)
	}
	p.env = append(p.env, "PATH="+p.dir+":"+os.Getenv("PATH"))
	s.must("portolan", "agent", "start")
	s.icon = panel.Icon(t)
	return s
}

// The parts of the page where names are not theirs alone.
var (
	dialog  = node{"dialog", "Edit shop"}
	details = node{"landmark", "Details of shop"}
	edit    = node{"landmark", "Your edit of shop"}
)

func (s *story) addsASource() {
	s.t.Helper()
	s.sees(node{"heading", "Follow your team.s port-forwards"})
	s.picture("1-first-run")
	s.fill(s.github.URL(), node{"entry", "Repository"})
	s.press("Return")
	s.sees(node{"heading", "Sign in to read it"})
	s.picture("2-sign-in")
	s.keychain("")
	s.fill(token, node{"password text", "Token"})
	s.click(node{"button", "Check and sign in"})
	s.sees(node{"list item", "demo-team/private can be read as demo.*"})
	s.picture("3-access")
	s.keychain(token)
	s.click(node{"button", "Continue"})
	s.sees(node{"heading", "4 environments found"})
	s.picture("4-what-to-follow")
	s.click(node{"button", "Preview 10 forwards"})
	s.sees(node{"heading", "10 forwards will be added"})
	s.picture("5-preview")
	if n := len(s.view().Sources); n != 0 {
		s.t.Errorf("a look follows %d sources", n)
	}
	s.click(node{"button", "Add source"})
	s.sees(node{"link", "development 0/4 up"})
	s.picture("6-added")
	if v := s.view(); len(v.Sources) != 1 || len(v.Forwards) != 10 {
		s.t.Errorf("%d sources, %d forwards", len(v.Sources), len(v.Forwards))
	}
}

func (s *story) startsAForward() {
	s.t.Helper()
	s.click(node{"link", "development 0/4 up"})
	s.sees(node{"heading", "development"})
	s.click(node{"button", "Start shop"})
	s.sees(node{"button", "Stop shop"})
	s.sees(node{"link", "development 1/4 up"})
	s.picture("7-started")
	s.url = strings.TrimSpace(s.must("portolan", "url", "development/shop"))
	eventually(s.t, "the icon to tell it", func() bool { return strings.Contains(s.icon.Tooltip(s.t), "1 of 10 forwards up") })
}

func (s *story) opensIt() {
	s.t.Helper()
	s.click(node{"button", "shop"})
	s.click(details, node{"button", "Open in browser"})
	var opened string
	eventually(s.t, "the browser", func() bool {
		data, _ := os.ReadFile(s.browser)
		opened = strings.TrimSpace(string(data))
		return opened != ""
	})
	if opened != s.url {
		s.t.Errorf("opened %q; want %q", opened, s.url)
	}
	s.answers(opened)
	s.sees(details, node{"list item", "Connected to pod shop-dev/shop-.*"})
	s.picture("8-opened")
}

// editsIt gives the forward another port until the next sync, which only the person
// can begin, and returns it.
func (s *story) editsIt() (port string) {
	s.t.Helper()
	s.press("ctrl+k")
	s.fill("Pause syncing", node{"entry", "Forwards, environments, what to do"})
	s.press("Return")
	eventually(s.t, "the pause", func() bool { return s.view().Paused })
	s.click(details, node{"button", "Edit"})
	port = freePort(s.t)
	s.fill(port, dialog, node{"entry", "Local port"})
	s.click(dialog, node{"radio button", "Until the next sync.*"})
	s.picture("9-edit")
	s.click(dialog, node{"button", "Save until the next sync"})
	s.sees(node{"button", "Copy 127.0.0.1:" + port})
	s.sees(details, node{"button", "Keep as my own"})
	s.picture("10-edited")
	s.answers("http://127.0.0.1:" + port + "/")
	s.silent(s.url)
	return port
}

func (s *story) repositoryWins(port string) {
	s.t.Helper()
	s.commits("The web shop", "The shop on the web", "Say it better")
	s.click(node{"button", "Sync now"})
	eventually(s.t, "the sync", func() bool { return len(s.view().Superseded) == 1 })
	s.sees(details, node{"content deletion", port})
	s.picture("11-repository-won")
	s.answers(s.url)
	s.silent("http://127.0.0.1:" + port + "/")
	s.click(node{"link", "Changes.*"})
	s.sees(node{"heading", "Say it better"})
	s.sees(edit, node{"content deletion", port + " yours"})
	s.sees(node{"content insertion", "The shop on the web"})
	s.picture("12-changes")
}

// takesBack keeps the edit that was overruled as a forward of one's own, and undoes
// that.
func (s *story) takesBack() {
	s.t.Helper()
	own := func() (n int) {
		for _, f := range s.view().Forwards {
			if f.Source == portolan.Mine {
				n++
			}
		}
		return n
	}
	s.click(edit, node{"button", "Keep as my own"})
	eventually(s.t, "an own forward", func() bool { return own() == 1 && len(s.view().Superseded) == 0 })
	s.sees(node{"button", "Undo"})
	s.picture("13-kept")
	s.press("ctrl+z")
	eventually(s.t, "the undo", func() bool { return own() == 0 && len(s.view().Superseded) == 1 })
	s.sees(edit)
	s.picture("14-undone")
}

// view is what the agent says.
func (s *story) view() portolan.View {
	s.t.Helper()
	v, err := api.NewClient(api.SocketPath(s.home)).View(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}

// keychain expects a token there, or "" for none, as another program reads it.
func (s *story) keychain(want string) {
	s.t.Helper()
	host := strings.Split(s.github.URL(), "/")[2]
	cmd := exec.Command("secret-tool", "lookup", "service", "portolan", "username", host+"/demo")
	cmd.Env = append(os.Environ(), display.Env...)
	if out, _ := cmd.Output(); string(out) != want { // it fails where there is nothing
		s.t.Errorf("the keychain holds %q; want %q", out, want)
	}
}

// answers expects the shop behind a forward.
func (s *story) answers(url string) {
	s.t.Helper()
	asked(s.t, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, url)
}

// silent expects nobody there.
func (s *story) silent(url string) {
	s.t.Helper()
	if conn, err := net.Dial("tcp", strings.Split(url, "/")[2]); err == nil {
		_ = conn.Close()
		s.t.Errorf("%s is open", url)
	}
}

// commits changes a word of the team's file.
func (s *story) commits(from, to, message string) {
	s.t.Helper()
	path := filepath.Join(s.info.RepoDir, "development.json")
	data, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, []byte(strings.Replace(string(data), from, to, 1)), 0o600)
	}
	if err == nil {
		err = exec.Command("git", "-C", s.info.RepoDir, "commit", "--quiet", "--all", "--message", message).Run()
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// freePort is one that nobody has.
func freePort(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return strconv.Itoa(ln.Addr().(*net.TCPAddr).Port)
}
