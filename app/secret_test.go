//go:build linux

package app_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
	const told = "is locked\n  unlock it and try again"
	w.complains(1, told, "", "sync", "team")
	w.complains(1, told, "", "auth", "logout", w.host())
	w.complains(1, "--forget", "", "auth", "logout", w.host())
	w.complains(1, told, w.token, "auth", "login", w.host(), "--with-token")
	w.complains(1, "auth login "+w.host()+" --this-run", w.token, "auth", "login", w.host(), "--with-token")
	if out := w.run(0, "", "list"); !strings.Contains(out, "shop") {
		t.Errorf("the entries are gone:\n%s", out)
	}
	if out := w.run(0, "", "auth", "status"); !strings.Contains(out, w.host()) {
		t.Errorf("the account is gone:\n%s", out)
	}
	w.run(0, w.token, "auth", "login", w.host(), "--with-token", "--this-run")
	w.run(0, "", "sync", "team")
	w.quit()
	w.serve() // the one of that run is forgotten, the account of the keychain is not
	w.complains(1, told, "", "sync", "team")
	w.complains(0, "the token may still be in the keychain", "", "auth", "logout", w.host(), "--forget")
	if out := w.run(0, "", "auth", "status"); strings.Contains(out, w.host()) {
		t.Errorf("the account is still there:\n%s", out)
	}
	w.quit()
	w.wantNowhere()
}

// TestPromptedKeychain has a real keyring ask for its password, and holds that the
// process which waits for it has the token nowhere but in its pipes, that a person
// is told where they look, and that nothing but a person's command opens a window.
func TestPromptedKeychain(t *testing.T) {
	env := keyringtest.Start(t)
	answered := make(chan struct{})
	p := keyringtest.StartPrompter(t, env, func(string) (string, bool) { <-answered; return keyringtest.Password, true })
	w := newWatch(t, env...)
	w.serve()
	keyringtest.Lock(t, env)
	signedIn := make(chan struct{})
	go func() {
		defer close(signedIn)
		w.run(0, w.token, "auth", "login", w.host(), "--with-token")
	}()
	select {
	case <-p.Opened:
	case <-time.After(patience):
		t.Fatal("nobody is asked for the keychain's password")
	}
	if children := w.keychainCalls(); children != 1 {
		t.Errorf("%d processes ask the keychain", children)
	}
	w.wantNoProcess()
	if out := w.run(0, "", "status"); !strings.Contains(out, "unlock your keyring") {
		t.Errorf("the person is not told:\n%s", out)
	}
	close(answered)
	<-signedIn
	w.wantKeychain(w.token)
	w.run(0, "", "source", "add", w.repository(), "--name", "team")
	w.quit()

	// An engine that starts, and syncs by itself, asks nobody.
	keyringtest.Lock(t, env)
	w.serve()
	for until := time.Now().Add(patience); !strings.Contains(w.run(0, "", "status"), "is locked"); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("the first sync does not meet the lock")
		}
	}
	if n := len(p.Opened); n != 0 {
		t.Errorf("%d prompts without a person", n)
	}
	w.run(0, "", "sync", "team")
	if n := len(p.Opened); n != 1 {
		t.Errorf("%d prompts for a sync", n)
	}
	w.quit()
	if n := w.keychainCalls(); n != 0 {
		t.Errorf("%d processes are left behind", n)
	}
	w.wantNowhere()
}

// TestCredentialCommand holds that a command is asked at each sync, with the host
// in its environment and without a shell, and that a token it gave is replaced
// there and not by signing in.
func TestCredentialCommand(t *testing.T) {
	w := newWatch(t, "DBUS_SESSION_BUS_ADDRESS=disabled:")
	dir := t.TempDir() // outside of what is searched
	file, program := filepath.Join(dir, "token"), filepath.Join(dir, "give me")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text+"\nand more\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	script := `[ "$PORTOLAN_HOST" = "$1" ] && cat "$2"`
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(w.token)
	w.env = append(w.env, "PORTOLAN_GITHUB_HOST="+w.host())
	w.serve("--credential-command", "'"+program+"' "+w.host()+" "+file)
	w.run(0, "", "source", "add", w.repository(), "--name", "team")
	if out := w.run(0, "", "auth", "status"); !strings.Contains(out, "the command "+program) {
		t.Errorf("auth status says\n%s", out)
	}
	write("github_pat_expired")
	w.complains(77, "it comes from the command "+program+": replace it there", "", "sync", "team")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	w.complains(77, "gives no token for "+w.host()+": it ended with exit status 1", "", "sync", "team")
	write(w.token)
	w.run(0, "", "sync", "team")
	w.complains(64, "its token comes from the command", "", "auth", "logout", w.host())
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
	w.complains(77, "it comes from the file "+file+": replace it there", "", "sync", "team")
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

// mirrored waits until state.json, which follows the database, has a text.
func (w *watch) mirrored(text string) {
	w.t.Helper()
	for until := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		state, err := os.ReadFile(filepath.Join(w.home, "state.json"))
		switch {
		case err == nil && bytes.Contains(state, []byte(text)):
			return
		case time.Now().After(until):
			w.t.Fatalf("state.json does not follow: %v", err)
		}
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
			w.mirrored(alias)
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
