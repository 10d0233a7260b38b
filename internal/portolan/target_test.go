package portolan

import (
	"errors"
	"net/url"
	"strings"
	"testing"
)

func TestTargetOf(t *testing.T) {
	port := Port{Number: 80}
	tests := []struct {
		entry Entry
		want  Target
		tuple string
	}{
		{Entry{Service: "api", RemotePort: port}, Target{Kind: Service, Name: "api", Port: port}, "service//api/80/tcp"},
		{Entry{WorkloadType: Deployment, Service: "api", Namespace: "n", Context: "c/d", RemotePort: Port{Name: "http"}},
			Target{Kind: Deployment, Name: "api", Namespace: "n", Context: "c/d", Port: Port{Name: "http"}}, "deployment/n/api/http/tcp/c/d"},
		{Entry{WorkloadType: Pod, Service: "ignored", Target: "x.y/app=api", RemotePort: port},
			Target{Kind: Pod, Selector: "x.y/app=api", Port: port}, "pod//x.y%2Fapp=api/80/tcp"},
		{Entry{WorkloadType: Pod, PodName: "api-0", RemotePort: port}, Target{Kind: Pod, Name: "api-0", Port: port}, "pod//api-0/80/tcp"},
		{Entry{WorkloadType: Proxy, RemoteAddress: "db", RemotePort: port, Protocol: UDP}, Target{Kind: Proxy, Name: "db", Port: port}, "proxy//db/80/udp"},
	}
	for _, tt := range tests {
		if got := TargetOf(tt.entry); got != tt.want {
			t.Errorf("got %+v, want %+v", got, tt.want)
		}
		if got := Tuple(tt.entry); got != tt.tuple {
			t.Errorf("got %q, want %q", got, tt.tuple)
		}
	}
}

func TestNotSupported(t *testing.T) {
	for _, e := range []Entry{{Protocol: UDP}, {WorkloadType: Proxy}, {WorkloadType: Expose}} {
		if f := NotSupported(e); f == nil || f.Code != "unsupported" || f.Hint == "" {
			t.Errorf("%+v: %+v", e, f)
		}
	}
	for _, e := range []Entry{{}, {Protocol: TCP, WorkloadType: Job}} {
		if f := NotSupported(e); f != nil {
			t.Errorf("%+v: %+v", e, f)
		}
	}
}

func TestBeyondLoopback(t *testing.T) {
	for address, want := range map[string]bool{
		"": false, "localhost": false, "127.0.0.1": false, "127.9.9.9": false, "::1": false, "::ffff:127.0.0.1": false,
		"0.0.0.0": true, "::": true, "192.168.1.2": true, "fe80::1%eth0": true, "localhost.evil.example": true, "127.0.0.1 ": true, "0": true,
	} {
		if got := BeyondLoopback(address); got != want {
			t.Errorf("%q: %v", address, got)
		}
	}
}

func TestOpenURL(t *testing.T) {
	tests := []struct{ scheme, path, address, want string }{
		{"", "", "127.0.0.1:8080", "http://127.0.0.1:8080/"},
		{"https", "/admin?tab=1#top", "localhost:443", "https://localhost:443/admin?tab=1#top"},
		{"", "/a b/../c", "[::1]:80", "http://[::1]:80/c"},
		{"", "/@evil.example/", "127.0.0.1:80", "http://127.0.0.1:80/@evil.example/"},
		{"", "/%2e%2e//x", "127.0.0.1:80", "http://127.0.0.1:80/%2e%2e//x"},
	}
	for _, tt := range tests {
		got, err := OpenURL(Entry{Scheme: tt.scheme, URLPath: tt.path}, tt.address)
		if err != nil || got != tt.want {
			t.Errorf("%+v: %q, %v", tt, got, err)
		}
	}
	hostile := []struct{ scheme, path, address string }{
		{"javascript", "/", "127.0.0.1:80"}, {"file", "/etc/passwd", "127.0.0.1:80"}, {"HTTP", "/", "127.0.0.1:80"},
		{"", "@evil.example/", "127.0.0.1:80"}, {"", "//evil.example/", "127.0.0.1:80"}, {"", `/\evil.example`, "127.0.0.1:80"},
		{"", `\\evil.example`, "127.0.0.1:80"}, {"", "/\t/evil.example", "127.0.0.1:80"}, {"", "http://evil.example/", "127.0.0.1:80"},
		{"", "../x", "127.0.0.1:80"}, {"", "?q", "127.0.0.1:80"}, {"", "/a\nb", "127.0.0.1:80"}, {"", "/%zz", "127.0.0.1:80"},
		{"", "/..//evil.example", "127.0.0.1:80x"}, {"", "/", "evil.example:80"}, {"", "/", "127.0.0.1"}, {"", "/", "127.0.0.1:0"}, {"", "/", "a@127.0.0.1:80"},
	}
	for _, tt := range hostile {
		got, err := OpenURL(Entry{Scheme: tt.scheme, URLPath: tt.path}, tt.address)
		if f := AsFault(err); got != "" || f == nil || f.Code != "url" {
			t.Errorf("%+v: %q, %v", tt, got, err)
		}
	}
}

func FuzzOpenURL(f *testing.F) {
	f.Add("https", "/a?b#c")
	f.Add("", "/..//evil.example")
	f.Add("", `/\evil.example`)
	f.Fuzz(func(t *testing.T, scheme, path string) {
		got, err := OpenURL(Entry{Scheme: scheme, URLPath: path}, "127.0.0.1:8080")
		if err != nil {
			return
		}
		u, err := url.Parse(got)
		if err != nil || u.Host != "127.0.0.1:8080" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" || u.Path[0] != '/' {
			t.Errorf("%q: %v", got, err)
		}
	})
}

func TestParseRepository(t *testing.T) {
	const api = "https://api.github.com/"
	tests := []struct {
		in        string
		want      Repository
		ref, path string
	}{
		{"acme/forwards", Repository{Host: "github.com", APIURL: api, Owner: "acme", Name: "forwards"}, "", ""},
		{" acme/forwards.git ", Repository{Host: "github.com", APIURL: api, Owner: "acme", Name: "forwards"}, "", ""},
		{"https://github.com/acme/forwards", Repository{Host: "github.com", APIURL: api, Owner: "acme", Name: "forwards"}, "", ""},
		{"https://www.GitHub.com:443/acme/forwards.git/", Repository{Host: "github.com", APIURL: api, Owner: "acme", Name: "forwards"}, "", ""},
		{"https://github.com/acme/forwards/tree/main", Repository{Host: "github.com", APIURL: api, Owner: "acme", Name: "forwards"}, "main", ""},
		{"https://github.com/acme/forwards/tree/v1/envs/eu?tab=readme#top", Repository{Host: "github.com", APIURL: api, Owner: "acme", Name: "forwards"}, "v1", "envs/eu"},
		{"https://github.com/acme/forwards/blob/main/envs/staging.json", Repository{Host: "github.com", APIURL: api, Owner: "acme", Name: "forwards"}, "main", "envs/staging.json"},
		{"git@github.com:acme/forwards.git", Repository{Host: "github.com", APIURL: api, Owner: "acme", Name: "forwards"}, "", ""},
		{"ssh://git@ghe.example.org:2222/acme/forwards.git", Repository{Host: "ghe.example.org", APIURL: "https://ghe.example.org/api/v3/", Owner: "acme", Name: "forwards"}, "", ""},
		{"https://ghe.example.org:8443/acme/forwards", Repository{Host: "ghe.example.org:8443", APIURL: "https://ghe.example.org:8443/api/v3/", Owner: "acme", Name: "forwards"}, "", ""},
		{"https://octo.ghe.com/acme/forwards", Repository{Host: "octo.ghe.com", APIURL: "https://api.octo.ghe.com/", Owner: "acme", Name: "forwards"}, "", ""},
		{"http://127.0.0.1:8080/acme/forwards", Repository{Host: "127.0.0.1:8080", APIURL: "http://127.0.0.1:8080/api/v3/", Owner: "acme", Name: "forwards"}, "", ""},
		{"http://[::1]:80/acme/forwards", Repository{Host: "[::1]:80", APIURL: "http://[::1]:80/api/v3/", Owner: "acme", Name: "forwards"}, "", ""},
	}
	for _, tt := range tests {
		got, ref, path, err := ParseRepository(tt.in)
		if err != nil || got != tt.want || ref != tt.ref || path != tt.path {
			t.Errorf("%s: %+v %q %q %v", tt.in, got, ref, path, err)
		}
	}
	for _, in := range []string{
		"", "acme", "acme/", "/acme", "a/b/c", "http://github.com/acme/x", "ftp://github.com/acme/x", "https://github.com/acme", "https://github.com",
		"https://user:password@github.com/acme/x", "https://token@github.com/acme/x", "https://github.com/acme/x/issues", "https://github.com/acme/x/tree",
		"https://github.com/acme/x/blob/main", "https://github.com/acme/x/tree/main/../../etc", "https://github.com/acme%2fx/y", "https://github.com/acme/..",
		"https://github.com/acme/x/tree/main//y", "file:///etc/passwd", "javascript:alert(1)", "-oProxyCommand=x/y", "git@-x:acme/x", "ssh://root@host/acme/x",
		"acme/x\x00", "acme/x y", `acme\x`, "https://exa mple/acme/x", "https://xn--/acme/x\u202e", "git@github.com:acme",
	} {
		_, _, _, err := ParseRepository(in)
		var f *Fault
		if !errors.As(err, &f) || f.Kind != Usage || f.Code != "repository-unknown-form" || !strings.Contains(f.Hint, "owner/name") {
			t.Errorf("%q: %v", in, err)
		}
		if f != nil && strings.Contains(f.Message, "password@") {
			t.Errorf("%q: a password is shown: %v", in, err)
		}
	}
}

func TestParseHost(t *testing.T) {
	tests := []struct{ in, host, api string }{
		{"github.com", "github.com", "https://api.github.com/"},
		{" https://www.GitHub.com/ ", "github.com", "https://api.github.com/"},
		{"octo.ghe.com", "octo.ghe.com", "https://api.octo.ghe.com/"},
		{"ghe.example.org:8443", "ghe.example.org:8443", "https://ghe.example.org:8443/api/v3/"},
		{"ghe", "ghe", "https://ghe/api/v3/"},
		{"127.0.0.1:8080", "127.0.0.1:8080", "http://127.0.0.1:8080/api/v3/"},
		{"localhost:1", "localhost:1", "http://localhost:1/api/v3/"},
		{"[::1]:80", "[::1]:80", "http://[::1]:80/api/v3/"},
	}
	for _, tt := range tests {
		got, err := ParseHost(tt.in)
		if want := (Repository{Host: tt.host, APIURL: tt.api}); err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", tt.in, got, err, want)
		}
	}
	// Tokens of every form among them: they must not get as far as a name server,
	// nor be repeated.
	for _, in := range []string{
		"", "github.com/acme", "http://ghe.example.org", "user:pass@github.com", "a b", "ftp://github.com",
		"ghp_0123456789abcdefghijABCDEFGHIJ012345", "github_pat_0123456789abcdefghij_0123456789",
		"0123456789abcdef0123456789abcdef01234567",
	} {
		_, err := ParseHost(in)
		var f *Fault
		if !errors.As(err, &f) || f.Kind != Usage || f.Code != "bad-host" {
			t.Errorf("%q: %v; want a usage fault", in, err)
		} else if in != "" && strings.Contains(f.Message, in) {
			t.Errorf("the message repeats what was given: %s", f)
		}
	}
}

// TestTokenHost holds that no setting of a source leads a host's token to an API
// elsewhere.
func TestTokenHost(t *testing.T) {
	tests := []struct{ host, api, want string }{
		{"github.com", "https://api.github.com/", "github.com"},
		{"github.com", "", "github.com"},
		{"github.com", "https://evil.example/", "evil.example"},
		{"github.com", "https://github.com.evil.example/api/v3/", "github.com.evil.example"},
		{"github.com", "http://127.0.0.1:8080/api/v3/", "127.0.0.1:8080"},
		{"octo.ghe.com", "https://api.octo.ghe.com", "octo.ghe.com"},
		{"octo.ghe.com", "https://api.github.com/", "api.github.com"},
		{"ghe.example.org", "https://ghe.example.org/elsewhere/", "ghe.example.org"},
		{"ghe.example.org", "https://ghe.example.org:8443/api/v3/", "ghe.example.org:8443"},
		{"127.0.0.1:8080", "http://127.0.0.1:8080/", "127.0.0.1:8080"},
		{"127.0.0.1:8080", "http://127.0.0.1:9090/api/v3/", "127.0.0.1:9090"},
	}
	for _, tt := range tests {
		if got := (Repository{Host: tt.host, APIURL: tt.api}).TokenHost(); got != tt.want {
			t.Errorf("%s with the API at %q: %s; want %s", tt.host, tt.api, got, tt.want)
		}
	}
}

func FuzzParseRepository(f *testing.F) {
	for _, s := range []string{"acme/x", "https://github.com/acme/x/tree/main/a", "git@h:a/b.git", "ssh://git@h/a/b", "http://127.0.0.1:1/a/b", "https://x.ghe.com/a/b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		repo, ref, path, err := ParseRepository(s)
		if err != nil {
			if AsFault(err).Code != "repository-unknown-form" {
				t.Fatal(err)
			}
			return
		}
		u, err := url.Parse(repo.APIURL)
		if err != nil || u.User != nil || !strings.HasSuffix(repo.APIURL, "/") || u.Scheme != "https" && !isLoopback(u.Hostname()) {
			t.Errorf("%q has the API at %q", s, repo.APIURL)
		}
		if !ownerForm.MatchString(repo.Owner) || !nameForm.MatchString(repo.Name) || strings.Contains("/"+path+"/", "/../") || ref == "" && path != "" {
			t.Errorf("%q: %+v %q %q", s, repo, ref, path)
		}
		scheme := "https://"
		if strings.HasPrefix(repo.APIURL, "http://") {
			scheme = "http://"
		}
		again, _, _, err := ParseRepository(scheme + repo.Host + "/" + repo.Owner + "/" + repo.Name)
		if err != nil || again != repo {
			t.Errorf("%q: %+v reads back as %+v: %v", s, repo, again, err)
		}
		if name := SlugFrom(repo.Name); ValidName(name) != nil {
			t.Errorf("%q is no name for a source", name)
		}
	})
}

func TestNames(t *testing.T) {
	for in, want := range map[string]string{
		"forwards": "forwards", "Team_Forwards.v2": "team-forwards-v2", "--": "source", "": "source", "mine": "mine-source", "höher": "h-her",
		strings.Repeat("ab-", 20): strings.TrimSuffix(strings.Repeat("ab-", 14)[:40], "-"),
	} {
		if got := SlugFrom(in); got != want || ValidName(got) != nil {
			t.Errorf("SlugFrom(%q) = %q, %v", in, got, ValidName(got))
		}
	}
	for _, name := range []string{"", "mine", "Team", "a b", "a/b", "a:b", strings.Repeat("a", 41)} {
		if f := AsFault(ValidName(name)); f == nil || f.Kind != Usage || f.Code != "source-name" {
			t.Errorf("%q: %v", name, f)
		}
	}
}
