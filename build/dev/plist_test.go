package main

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/template"
)

// TestInfoPlist reads what macOS is told of the application: as Wails fills it in,
// from wails.json, and as the system reads it.
func TestInfoPlist(t *testing.T) {
	release, development := plist(t, "Info.plist"), plist(t, "Info.dev.plist")
	for key, want := range map[string]string{
		"CFBundlePackageType": "APPL",
		"CFBundleExecutable":  "portolan-desktop",
		"CFBundleName":        "Portolan",
		"CFBundleIdentifier":  "io.github.portolan-app.portolan",
	} {
		if release[key] != want {
			t.Errorf("%s is %q, want %q", key, release[key], want)
		}
	}
	if release["CFBundleIdentifier"] == development["CFBundleIdentifier"] {
		t.Error("a build for development takes the place of the installed one")
	}
	for _, key := range []string{"NSAppTransportSecurity", "LSUIElement"} {
		if _, ok := release[key]; ok {
			t.Errorf("the release has %s: it needs no network of its own, and a window belongs in the Dock", key)
		}
	}
}

// plist reads the keys of a property list, with the text of their values.
func plist(t *testing.T, name string) map[string]string {
	t.Helper()
	var project struct {
		OutputFilename string
		Info           struct{ ProductName, ProductVersion, Comments, Copyright string }
	}
	data, err := os.ReadFile("../../wails.json")
	if err == nil {
		err = json.Unmarshal(data, &project)
	}
	if err != nil {
		t.Fatal(err)
	}
	form, err := template.ParseFiles(filepath.Join("../darwin", name))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := form.Execute(&text, project); err != nil {
		t.Fatal(err)
	}
	var list struct {
		Dict struct {
			Pairs []struct {
				XMLName xml.Name
				Text    string `xml:",chardata"`
			} `xml:",any"`
		} `xml:"dict"`
	}
	if err := xml.Unmarshal([]byte(text.String()), &list); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	values, pairs := map[string]string{}, list.Dict.Pairs
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i].XMLName.Local != "key" {
			t.Fatalf("%s: %q stands where a key belongs", name, pairs[i].Text)
		}
		values[pairs[i].Text] = pairs[i+1].Text
	}
	return values
}
