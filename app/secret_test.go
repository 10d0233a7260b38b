//go:build linux

package app_test

import (
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/portolan-app/portolan/internal/keyringtest"
)

// TestTokenOnlyInKeychain lives with a token as a person does, with the real
// program, a real keychain and a GitHub on loopback: sign in, follow a private
// repository, forward, edit, run into every error on the way, export, sign out.
// All that the program stores, says, sends and starts is kept and searched for
// the token, which must be found nowhere but in the keychain.
func TestTokenOnlyInKeychain(t *testing.T) {
	w := newWatch(t, keyringtest.Start(t)...)
	w.serve()

	w.run(0, "", "auth", "status")
	w.run(1, "", "source", "add", w.repository())
	w.run(77, "github_pat_"+"wrong", "auth", "login", w.host(), "--with-token")
	w.fault(repeat(w.token), func() { w.run(77, w.token, "auth", "login", w.host(), "--with-token") })
	w.wantKeychain("")
	w.run(0, w.token, "auth", "login", w.host(), "--with-token")
	w.wantKeychain(w.token)
	w.run(77, "github_pat_"+"wrong", "auth", "login", w.host(), "--with-token")
	w.wantKeychain(w.token) // a failed try changes nothing

	w.run(0, "", "source", "add", w.repository(), "--name", "team")
	w.use()
	w.fail()
	w.elsewhere()
	w.quit()
	w.serve() // a token outlives the program
	w.run(0, "", "sync", "team")
	w.print()
	w.wantNowhere()

	w.run(0, "", "auth", "logout", w.host())
	w.wantKeychain("")
	w.run(1, "", "sync", "team")
	if out := w.run(0, "", "list"); !strings.Contains(out, "shop") {
		t.Errorf("with the token, the entries went too:\n%s", out)
	}
	w.quit()
	w.wantNowhere()
	if w.authorized.Load() == 0 {
		t.Error("no request carried the token: nothing was proved")
	}
}

// TestLockedKeychain holds that nothing is lost, and the person told, where the
// keychain does not open: what is followed stays, and so does the account.
func TestLockedKeychain(t *testing.T) {
	env := keyringtest.Start(t)
	w := newWatch(t, env...)
	w.serve()
	w.run(0, w.token, "auth", "login", w.host(), "--with-token")
	w.run(0, "", "source", "add", w.repository(), "--name", "team")
	keyringtest.Lock(t, env)
	const told = "is locked\n  unlock it and try again, or keep the token for this run only: set PORTOLAN_GITHUB_TOKEN"
	w.complains(1, told, "", "sync", "team")
	w.complains(1, told, "", "auth", "logout", w.host())
	w.complains(1, told, w.token, "auth", "login", w.host(), "--with-token")
	if out := w.run(0, "", "list"); !strings.Contains(out, "shop") {
		t.Errorf("the entries are gone:\n%s", out)
	}
	if out := w.run(0, "", "auth", "status"); !strings.Contains(out, w.host()) {
		t.Errorf("the account is gone:\n%s", out)
	}
	w.quit()
	w.wantNowhere()
}

// TestTokenRotates holds that a token in a file counts as it is at each sync,
// without a restart, and stays in that file.
func TestTokenRotates(t *testing.T) {
	w := newWatch(t, "DBUS_SESSION_BUS_ADDRESS=disabled:")
	file := filepath.Join(t.TempDir(), "token") // outside of what is searched
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(w.token)
	w.env = append(w.env, "PORTOLAN_GITHUB_HOST="+w.host())
	w.serve("--token-file", file)
	w.run(0, "", "source", "add", w.repository(), "--name", "team")
	write("github_pat_expired")
	w.complains(77, "does not accept the token", "", "sync", "team")
	write("")
	w.complains(77, "there is no token in the file "+file, "", "sync", "team")
	write(w.token)
	w.run(0, "", "sync", "team")
	w.quit()
	w.wantNowhere()
}

// TestChildrenInheritNoToken holds that the programs that Portolan starts do not
// get the token which it was given in its own variable.
func TestChildrenInheritNoToken(t *testing.T) {
	w := newWatch(t, "DBUS_SESSION_BUS_ADDRESS=disabled:")
	w.env = append(w.env, "PORTOLAN_GITHUB_TOKEN="+w.token, "PORTOLAN_GITHUB_HOST="+w.host())
	w.serve()
	w.run(0, "", "source", "add", w.repository(), "--name", "team")
	w.use()
	w.quit()
	found, files := search(t, w.token, filepath.Join(w.dir, "child"))
	if len(found) > 0 || files == 0 {
		t.Errorf("of %d files of children: %v", files, found)
	}
}

// TestTokenSearchFinds holds that the search above can fail: a token that gets
// out in one of the ways that it watches is found there.
func TestTokenSearchFinds(t *testing.T) {
	w := newWatch(t, "DBUS_SESSION_BUS_ADDRESS=disabled:")
	w.serve()
	w.wantNowhere()

	t.Run("in a log", func(t *testing.T) {
		file := filepath.Join(w.home, "portolan.log")
		f, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		slog.New(slog.NewJSONHandler(f, nil)).Info("asking GitHub", "authorization", "Bearer "+w.token)
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		w.wantFound(t, "portolan.log")
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("in the store and what is printed of it", func(t *testing.T) {
		for _, alias := range []string{"one", "two"} { // so that it is in the state before, too
			w.run(0, "", "add", "--env", "tests", "--alias", alias, "--description", w.token,
				"--service", "shop", "--namespace", "shop-dev", "--context", "demo-dev", "--remote-port", "80")
		}
		w.run(0, "", "list", "--output", "json")
		w.run(0, "", "export", "--env", "tests")
		w.wantFound(t, "portolan.db", "state.json:", "state.json.bak", "list.out", "export.out")
	})
	t.Run("in a URL, arguments and the environment", func(t *testing.T) {
		w.quit()
		w.env = append(w.env, "PORTOLAN_GITHUB_TOKEN="+w.token, "PORTOLAN_GITHUB_HOST="+w.host())
		w.serve()
		w.run(1, "", "source", "add", w.repository(), "--ref", w.token)
		w.wantFound(t, "-github: path", "/cmdline", "/environ", "source.err")
	})
	t.Run("in a header to another host", func(t *testing.T) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.other.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+w.token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		w.wantFound(t, "-other: plain")
	})
	w.quit()
}
