package portolan

import (
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	forward := func(id ID, source, environment string, e Entry) ForwardView {
		return ForwardView{Forward: Forward{ID: id, Source: source, Environment: environment, Entry: e}}
	}
	forwards := []ForwardView{
		forward("a1", "team", "dev", Entry{Alias: "api"}),
		forward("a2", "team", "staging", Entry{Alias: "api"}),
		forward("a3", "other", "staging", Entry{Alias: "api"}),
		forward("a4", "team", "dev", Entry{Service: "web"}),
		forward("a5", "team", "dev", Entry{Alias: "db: read/write"}),
		forward("a6", "team", "dev", Entry{Alias: "twice"}),
		forward("a7", "team", "dev", Entry{Alias: "twice"}),
	}
	for _, test := range []struct {
		name string
		want ID
		code string
		hint string // part of it
	}{
		{name: "dev/api", want: "a1"},
		{name: "team:staging/api", want: "a2"},
		{name: "other:api", want: "a3"},
		{name: "web", want: "a4"},
		{name: "db: read/write", want: "a5"},
		{name: "dev/db: read/write", want: "a5"},
		{name: "a6", want: "a6"},
		{name: "api", code: "ambiguous-forward", hint: "team:dev/api, team:staging/api, other:staging/api"},
		{name: "staging/api", code: "ambiguous-forward", hint: "other:staging/api"},
		{name: "twice", code: "ambiguous-forward", hint: "a6 (team:dev/twice), a7 (team:dev/twice)"},
		{name: "stagign/api", code: "unknown-forward", hint: `did you mean "staging/api"?`},
		{name: "WEB", code: "unknown-forward", hint: `did you mean "web"?`},
		{name: "nothing-like-it", code: "unknown-forward", hint: "portolan list"},
		{name: "", code: "unknown-forward", hint: "portolan list"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := Find(forwards, test.name)
			if test.want != "" {
				if err != nil || f.ID != test.want {
					t.Fatalf("Find = %v, %v; want %s", f, err, test.want)
				}
				return
			}
			if fault := AsFault(err); err == nil || fault.Code != test.code || !strings.Contains(fault.Hint, test.hint) {
				t.Fatalf("Find = %v, %#v; want %s with hint %q", f, err, test.code, test.hint)
			}
		})
	}
}

func TestNearest(t *testing.T) {
	known := []string{"local_port", "remote_port", "alias", ""}
	for word, want := range map[string]string{
		"loacl_port": "local_port", "local-port": "local_port", "Alias": "alias", "remoteport": "remote_port",
		"port": "", "xyz": "", "": "", "al": "",
	} {
		if got := Nearest(word, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}
