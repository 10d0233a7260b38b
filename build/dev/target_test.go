package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Each program is read by its own reader, and one that is for another machine or
// opens no console is found out.
func TestInspect(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\nfunc main() { println() }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	compile := func(built target, flags string) string {
		program := filepath.Join(dir, built.os+built.exe())
		err := Command{Env: built.env(), Dir: dir, Args: []string{"go", "build", "-ldflags", flags, "-o", program, "main.go"}}.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return program
	}
	for _, tt := range []struct {
		built, asked target
		flags, says  string
	}{
		{target{"linux", "amd64"}, target{"linux", "amd64"}, "", ""},
		{target{"windows", "amd64"}, target{"windows", "amd64"}, "", ""},
		{target{"darwin", "arm64"}, target{"darwin", "arm64"}, "", ""},
		{target{"linux", "amd64"}, target{"linux", "arm64"}, "", "EM_X86_64"},
		{target{"windows", "amd64"}, target{"windows", "arm64"}, "", "0x8664"},
		{target{"darwin", "arm64"}, target{"darwin", "amd64"}, "", "CpuArm64"},
		{target{"windows", "amd64"}, target{"windows", "amd64"}, "-H windowsgui", "not a console program"},
		{target{"linux", "amd64"}, target{"windows", "amd64"}, "", "linux"},
	} {
		err := inspect(tt.asked, compile(tt.built, tt.flags))
		if tt.says == "" && err != nil || tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
			t.Errorf("%v %s as %v: %v", tt.built, tt.flags, tt.asked, err)
		}
	}
	for built, says := range map[target]string{{"linux", "amd64"}: "libwebkit2gtk", {"windows", "amd64"}: "not a window program"} {
		if err := inspectWindow(built, compile(built, "")); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v as one with a window: %v", built, err)
		}
	}
	windows := target{"windows", "amd64"}
	if err := inspectWindow(windows, compile(windows, "-H windowsgui")); err != nil {
		t.Error(err)
	}
}

// TestReleaseTags holds that no program with a window has Wails' development
// server or the webview's inspector.
func TestReleaseTags(t *testing.T) {
	tags := strings.Split(windowTags, ",")
	for tag, want := range map[string]bool{"desktop": true, "production": true, "dev": false, "debug": false, "devtools": false} {
		if slices.Contains(tags, tag) != want {
			t.Errorf("the tag %s is among %v: %v", tag, tags, !want)
		}
	}
}
