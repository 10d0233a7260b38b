package system

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestLogin pins what each system is told, for a plain path and for one with
// everything that needs quoting.
func TestLogin(t *testing.T) {
	plain := Login{Program: "/usr/bin/portolan"}
	odd := Login{Program: `/opt/My "Apps"/100% $HOME/por\tolan`, Home: "/home/ann/a & <b>"}
	for name, got := range map[string]string{
		"unit":          plain.unit(),
		"unit-odd":      Login{Program: "/opt/My Apps/100% $HOME/portolan", Home: odd.Program}.unit(),
		"desktop":       plain.desktopEntry(),
		"desktop-odd":   odd.desktopEntry(),
		"launchd":       plain.launchAgent(),
		"launchd-odd":   odd.launchAgent(),
		"run":           Login{Program: `C:\Program Files\Portolan\portolan.exe`}.runKey(),
		"run-command":   Login{Program: `C:\portolan.exe`, Flags: []string{`--credential-command="C:\vault\" read`}}.runKey(),
		"unit-command":  Login{Program: "/usr/bin/portolan", Flags: []string{`--credential-command=vault read "a secret"`, "--github-host=github.com"}}.unit(),
		"run-with-home": Login{Program: `C:\portolan.exe`, Home: `D:\`}.runKey(),
	} {
		golden := filepath.Join("testdata", "login", name+".txt")
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestLaunchAgentIsXML holds that launchd can read the job, and that an odd path
// comes out as it went in.
func TestLaunchAgentIsXML(t *testing.T) {
	odd := Login{Program: "/opt/<a> & \"b\"/portolan"}
	decoder := xml.NewDecoder(strings.NewReader(odd.launchAgent()))
	found := false
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		text, ok := token.(xml.CharData)
		found = found || ok && string(text) == odd.Program
	}
	if !found {
		t.Error("the program's path is not in it")
	}
}
