package app_test

import (
	"bytes"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/githubtest"
	"github.com/portolan-app/portolan/internal/keyringtest"
)

// TestDeviceInKeychain signs in with a code with the real program and a real
// keychain. The tokens end so soon that each use renews them; what comes of it is in
// the keychain alone, also for the program's next run.
func TestDeviceInKeychain(t *testing.T) {
	w := newWatch(t, keyringtest.Start(t)...)
	d := &githubtest.Device{ClientID: "Iv1.test", Login: "ann", Interval: 1, Life: 5 * time.Minute}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		d.ServeHTTP(rw, r)
		if r.URL.Path == "/login/device/code" {
			d.Approve()
		}
	}))
	t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "http://")
	w.serve()
	w.run(0, "", "settings", "set", "github_client_id", host+"=Iv1.test")
	if out := w.run(0, "", "auth", "login", host, "--device"); !strings.Contains(out, "as ann") {
		t.Errorf("signed in with:\n%s", out)
	}
	w.run(1, "", "source", "add", server.URL+"/acme/forwards") // there is none
	first := d.Renewals()
	w.quit()
	w.serve()
	if out := w.run(0, "", "auth", "status"); !strings.Contains(out, host) {
		t.Errorf("the account is forgotten:\n%s", out)
	}
	w.complains(1, "may not see it", "", "source", "add", server.URL+"/acme/forwards")
	if first == 0 || d.Renewals() <= first {
		t.Errorf("%d renewals before the restart, %d in all", first, d.Renewals())
	}
	w.quit()
	err := filepath.WalkDir(w.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte("ghu_")) || bytes.Contains(data, []byte("ghr_")) {
			t.Errorf("a token is in %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
