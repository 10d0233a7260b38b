package layout

import (
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"github.com/portolan-app/portolan/internal/portolan"
)

func blobs(paths ...string) []File {
	var files []File
	for _, p := range paths {
		files = append(files, File{Path: p, Kind: Blob})
	}
	return files
}

// named lists what is selected as "path=environment".
func named(selected []Selected) []string {
	names := []string{}
	for _, s := range selected {
		names = append(names, s.Path+"="+s.Environment)
	}
	return names
}

func TestSelect(t *testing.T) {
	both := blobs("staging.json", "dev/api.json", "eu/prod/db.json", "README.md", "package.json", "dev/notes.txt",
		".github/settings.json", "tsconfig.build.json", "web/node_modules/x/index.json", "environment.schema.json", "UPPER.JSON")
	tests := []struct {
		name   string
		config portolan.SourceConfig
		ignore string
		files  []File
		want   []string
	}{
		{"both ways to keep environments", portolan.SourceConfig{}, "", both,
			[]string{"UPPER.JSON=UPPER", "dev/api.json=dev", "eu/prod/db.json=eu.prod", "staging.json=staging"}},
		{"files", portolan.SourceConfig{Layout: Files}, "", both,
			[]string{"UPPER.JSON=UPPER", "dev/api.json=dev.api", "eu/prod/db.json=eu.prod.db", "staging.json=staging"}},
		{"folders", portolan.SourceConfig{Layout: Folders}, "", both,
			[]string{"dev/api.json=dev", "eu/prod/db.json=eu.prod"}},
		{"single", portolan.SourceConfig{Layout: Single, Path: "eu"}, "", both,
			[]string{"eu/prod/db.json=environment"}},
		{"a directory", portolan.SourceConfig{Path: "/eu/"}, "", both, []string{"eu/prod/db.json=prod"}},
		{"one file, whatever its name", portolan.SourceConfig{Path: "package.json"}, "", both, []string{"package.json=package"}},
		{"a directory that is not there", portolan.SourceConfig{Path: "asia"}, "", both, []string{}},
		{"a path is no prefix of a name", portolan.SourceConfig{Path: "stag"}, "", both, []string{}},
		{"include names what is left out by default", portolan.SourceConfig{Include: []string{"*.json"}}, "", both,
			[]string{"environment.schema.json=environment.schema", "package.json=package", "staging.json=staging", "tsconfig.build.json=tsconfig.build"}},
		{"include is relative to path", portolan.SourceConfig{Path: "eu", Include: []string{"prod/*"}}, "", both, []string{"eu/prod/db.json=prod"}},
		{"exclude beats include", portolan.SourceConfig{Include: []string{"**/*.json"}, Exclude: []string{"{web,.github}/**", "*.json"}}, "", both,
			[]string{"dev/api.json=dev", "eu/prod/db.json=eu.prod"}},
		{"rename", portolan.SourceConfig{Rename: map[string]string{"eu.prod": "prod", "dev": "development"}, Exclude: []string{"*"}}, "", both,
			[]string{"dev/api.json=development", "eu/prod/db.json=prod"}},
		{"names that are git's elsewhere", portolan.SourceConfig{}, "", blobs("team.git/one.json", "dev/gitignore.json", ".gitignore"),
			[]string{"dev/gitignore.json=dev", "team.git/one.json=team.git"}},
		{"ignore file", portolan.SourceConfig{}, "*.json\n*.JSON\n!staging.json\n", both, []string{"staging.json=staging"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			selected, _ := Select(tt.config, []byte(tt.ignore), tt.files)
			if got := named(selected); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestSelectSkipsWithANotice(t *testing.T) {
	files := []File{
		{"link.json", "", Symlink}, {"folder", "", Symlink}, {"vendor/lib", "", Submodule}, {"README.md", "", Symlink},
		{".hidden", "", Submodule}, {"bad\x01.json", "", Blob}, {"a:b.json", "", Blob}, {"x//up.json", "", Blob},
		{"top.json", "", Blob}, {"in/one.json", "", Blob},
	}
	selected, problems := Select(portolan.SourceConfig{Layout: Folders}, nil, files)
	if got := named(selected); !slices.Equal(got, []string{"in/one.json=in"}) {
		t.Errorf("selected %q", got)
	}
	var got []string
	for _, p := range problems {
		got = append(got, p.File+" "+p.Code+" "+string(p.Severity))
	}
	want := []string{"a:b.json no-folder notice", "bad\x01.json path error", "folder symlink notice", "link.json symlink notice",
		"top.json no-folder notice", "vendor/lib submodule notice", "x//up.json path error"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	_, problems = Select(portolan.SourceConfig{}, nil, blobs("bad\x01.json", "a:b.json", "x\xff.json", strings.Repeat("n", 101)+".json", "\u202egnp.json"))
	if len(problems) != 5 {
		t.Errorf("five names that cannot be shown gave %v", problems)
	}
}

// TestHostilePaths holds that a path which cannot be shown is refused also where the
// environment's name does not come from it, and that paths which differ in case
// alone are two.
func TestHostilePaths(t *testing.T) {
	files := blobs("dev/a\nb.json", "dev/\x1b[2J.json", "dev/\u202egnp.json", "dev/ok.json", "Dev/ok.json", "dev/OK.json")
	for _, config := range []portolan.SourceConfig{{}, {Layout: Single}, {Rename: map[string]string{"dev": "development"}}} {
		selected, problems := Select(config, nil, files)
		if len(selected) != 3 || len(problems) != 3 {
			t.Errorf("%+v: selected %q, problems %v", config, named(selected), problems)
		}
	}
	selected, _ := Select(portolan.SourceConfig{}, nil, files)
	if got := named(selected); !slices.Equal(got, []string{"Dev/ok.json=Dev", "dev/OK.json=dev", "dev/ok.json=dev"}) {
		t.Errorf("selected %q", got)
	}
}

func TestSelectRefusesWrongSettings(t *testing.T) {
	for _, config := range []portolan.SourceConfig{
		{Include: []string{"[a"}}, {Exclude: []string{"{a"}}, {Layout: "tree"}, {Path: "../secrets"},
	} {
		selected, problems := Select(config, nil, blobs("staging.json"))
		if selected != nil || len(problems) != 1 || problems[0].Severity != portolan.SeverityError {
			t.Errorf("%+v: selected %v, problems %v", config, selected, problems)
		}
	}
}

// The cases are from git-scm.com/docs/gitignore, and were compared with "git
// check-ignore --no-index".
func TestIgnore(t *testing.T) {
	tests := []struct {
		rules, path string
		want        bool
	}{
		{"", "a.json", false},
		{"# a.json\n\n   \n", "a.json", false},
		{"a.json", "a.json", true},
		{"a.json\r\n", "x/a.json", true},
		{"/a.json", "x/a.json", false},
		{"x/a.json", "y/x/a.json", false},
		{"old/", "old", false},
		{"old/", "x/old/a.json", true},
		{"old/*.json", "old/sub/a.json", false},
		{"*.json\n!a.json", "a.json", false},
		{"old/\n!old/a.json", "old/a.json", true},
		{"old/*\n!old/a.json", "old/a.json", false},
		{"old/**\n!old/a.json", "old/a.json", false},
		{"old/**", "old/x/y.json", true},
		{"**/a.json", "x/y/a.json", true},
		{"x/**/a.json", "x/a.json", true},
		{"x/**/a.json", "x/1/2/a.json", true},
		{"?.json", "a.json", true},
		{"?.json", "ab.json", false},
		{"[ab].json", "b.json", true},
		{"[!ab].json", "b.json", false},
		{"{a,b}.json", "a.json", false},
		{"{a,b}.json", "{a,b}.json", true},
		{"a+b.json", "a+b.json", true},
		{"a+b.json", "aab.json", false},
		{`\#a.json`, "#a.json", true},
		{`\!a.json`, "!a.json", true},
		{"a.json   ", "a.json", true},
		{"[", "a.json", false},
		{"/", "a.json", false},
		{"!", "a.json", false},
		{"*", "x/a.json", true},
	}
	for _, tt := range tests {
		if got := ignored(parseIgnore(tt.rules), tt.path); got != tt.want {
			t.Errorf("%q leaves out %q: %v", tt.rules, tt.path, got)
		}
	}
}

func TestSelectLaws(t *testing.T) {
	part := rapid.SampledFrom([]string{"a", "b.json", "staging", "package.json", ".x", "ü.json", "c.d.json", "..", ""})
	rapid.Check(t, func(t *rapid.T) {
		var files []File
		seen := map[string]bool{}
		for _, parts := range rapid.SliceOfN(rapid.SliceOfN(part, 1, 4), 0, 12).Draw(t, "paths") {
			p := strings.Join(parts, "/")
			if !seen[p] {
				seen[p] = true
				files = append(files, File{p, "", rapid.SampledFrom([]Kind{Blob, Blob, Blob, Symlink, Submodule}).Draw(t, "kind")})
			}
		}
		config := portolan.SourceConfig{
			Path:    rapid.SampledFrom([]string{"", "a", "a/staging", "/a/"}).Draw(t, "path"),
			Layout:  rapid.SampledFrom([]string{"", Auto, Files, Folders, Single}).Draw(t, "layout"),
			Exclude: rapid.SliceOfN(rapid.SampledFrom([]string{"**/staging/**", "*.json", "**"}), 0, 2).Draw(t, "exclude"),
		}
		ignore := []byte(rapid.StringOfN(rapid.RuneFrom([]rune("ab.js*?![]{}/\\ \n#")), 0, 30, -1).Draw(t, "ignore"))
		selected, problems := Select(config, ignore, files)
		for _, s := range selected {
			if s.Kind != Blob || s.Environment == "" || strings.Contains(s.Environment, "/") || strings.Contains(s.Path, "..") {
				t.Fatalf("selected %+v", s)
			}
			if root := strings.Trim(config.Path, "/"); root != "" && s.Path != root && !strings.HasPrefix(s.Path, root+"/") {
				t.Fatalf("%s is not in %s", s.Path, root)
			}
		}
		again, problemsAgain := Select(config, ignore, rapid.Permutation(files).Draw(t, "shuffled"))
		if !reflect.DeepEqual(selected, again) || !reflect.DeepEqual(problems, problemsAgain) {
			t.Fatalf("the order of the files matters")
		}
		config.Exclude = append(config.Exclude, "a/**")
		if fewer, _ := Select(config, ignore, files); len(fewer) > len(selected) {
			t.Fatalf("one more exclude selects more")
		}
	})
}

func TestReadDir(t *testing.T) {
	tree := fstest.MapFS{
		".git/config.json":           {Data: []byte("{}")},
		"envs/.portolanignore":       {Data: []byte("old.json\n")},
		"envs/old.json":              {},
		"envs/staging.json":          {},
		"envs/link.json":             {Mode: fs.ModeSymlink},
		"envs/other/.git":            {Data: []byte("gitdir: elsewhere")},
		"envs/other/production.json": {},
		"README.md":                  {},
	}
	config := portolan.SourceConfig{Path: "envs"}
	files, ignore, err := ReadDir(tree, config)
	if err != nil {
		t.Fatal(err)
	}
	selected, problems := Select(config, ignore, files)
	if got := named(selected); !slices.Equal(got, []string{"envs/staging.json=staging"}) {
		t.Errorf("selected %q of %+v", got, files)
	}
	if len(problems) != 2 {
		t.Errorf("a link and a submodule gave %v", problems)
	}

	tree["envs/.portolanignore"].Data = make([]byte, maxIgnoreBytes+1)
	if _, _, err := ReadDir(tree, config); err == nil {
		t.Error("an ignore file without end was read")
	}
	if _, _, err := ReadDir(fstest.MapFS{}, config); err != nil {
		t.Errorf("an empty directory: %v", err)
	}
}
