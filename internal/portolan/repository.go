package portolan

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

// ParseRepository reads a repository as people write or paste it:
//
//	owner/name                                   on github.com
//	https://HOST/owner/name[.git]                github.com, *.ghe.com or an own GitHub server
//	https://HOST/owner/name/tree/REF[/PATH]      a directory on a branch, tag or commit
//	https://HOST/owner/name/blob/REF/PATH        one file
//	git@HOST:owner/name[.git], ssh://git@HOST/owner/name[.git]
//	http://127.0.0.1:PORT/owner/name             loopback only, for tests and the demo
//
// In a URL the ref ends at the next slash; a branch with a slash in its name is
// given apart. The APIURL is set, and ends with a slash. The error is a [Usage]
// fault, "repository-unknown-form".
func ParseRepository(s string) (repo Repository, ref, path string, err error) {
	text := strings.TrimSpace(s)
	fail := func(why string) (Repository, string, string, error) {
		return Repository{}, "", "", unknownRepository(text, why)
	}
	if checkText(text, false).code != "" || strings.ContainsAny(text, " \\") {
		return fail("it holds a space, a backslash or a control character")
	}
	u, why := repositoryURL(text)
	if why != "" {
		return fail(why)
	}
	if repo.APIURL, why = apiURL(u); why != "" {
		return fail(why)
	}
	repo.Host = strings.ToLower(u.Host)
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(parts) < 2 {
		return fail("it names no owner and repository")
	}
	repo.Owner, repo.Name = parts[0], strings.TrimSuffix(parts[1], ".git")
	if !ownerForm.MatchString(repo.Owner) || !nameForm.MatchString(repo.Name) || repo.Name == "." || repo.Name == ".." {
		return fail("its owner or name is none that GitHub allows")
	}
	rest := parts[2:]
	if len(rest) == 0 {
		return repo, "", "", nil
	}
	if len(rest) < 2 || rest[0] != "tree" && rest[0] != "blob" || rest[0] == "blob" && len(rest) < 3 {
		return fail("it leads to a page inside the repository that is no directory or file")
	}
	for _, part := range rest[1:] {
		if part == "" || part == "." || part == ".." {
			return fail("its path is not a clean one")
		}
	}
	return repo, rest[1], strings.Join(rest[2:], "/"), nil
}

// ParseHost reads a GitHub host as people write it: github.com, ghe.example.org:8443,
// the address of its start page, or on loopback 127.0.0.1:PORT. Only Host and
// APIURL of the result are set. The error is a [Usage] fault, "bad-host"; it does
// not repeat what was written, because a token is easily pasted in its place.
func ParseHost(s string) (Repository, error) {
	unknown := &Fault{Kind: Usage, Code: "bad-host", Message: "that is not the name of a GitHub host",
		Hint: "write it like github.com or github.example.org, and never give a token there"}
	text := strings.TrimSuffix(strings.TrimSpace(s), "/")
	scheme, name, ok := strings.Cut(text, "://")
	if !ok {
		scheme, name = "https", text
		if u, err := url.Parse("//" + text); err == nil && isLoopback(u.Hostname()) {
			scheme = "http"
		}
	}
	const longestLabel = 32 // a longer name without a dot is rather a token
	if strings.ContainsAny(name, "/?#") || len(name) > longestLabel && !strings.ContainsAny(name, ".:") {
		return Repository{}, unknown
	}
	repo, _, _, err := ParseRepository(scheme + "://" + name + "/owner/name") // where a host's API is, is told there
	if err != nil {
		return Repository{}, unknown
	}
	return Repository{Host: repo.Host, APIURL: repo.APIURL}, nil
}

// TokenHost is the host whose token the API of the repository may be sent: its
// own, unless the API was placed at another host than this one's; then it is that
// host.
func (r Repository) TokenHost() string {
	api, err := url.Parse(r.APIURL)
	if err != nil || api.Host == "" {
		return r.Host
	}
	if usual, err := ParseHost(r.Host); err == nil {
		if u, err := url.Parse(usual.APIURL); err == nil && u.Host == api.Host {
			return r.Host
		}
	}
	return api.Host
}

var (
	shortForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-_]*/[A-Za-z0-9._-]+$`)
	scpForm   = regexp.MustCompile(`^git@([A-Za-z0-9.-]+):/?([^:]+)$`)
	ownerForm = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99})$`)
	nameForm  = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)
	hostForm  = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$`)
)

// repositoryURL brings every form to an http or https URL, or says why not.
func repositoryURL(text string) (u *url.URL, why string) {
	if shortForm.MatchString(text) {
		return &url.URL{Scheme: "https", Host: "github.com", Path: text}, ""
	}
	if m := scpForm.FindStringSubmatch(text); m != nil {
		return &url.URL{Scheme: "https", Host: m[1], Path: m[2]}, ""
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return nil, "it is neither owner/name nor a URL"
	}
	switch {
	case u.Scheme == "ssh":
		if name := u.User.Username(); name != "" && name != "git" {
			return nil, "its user is not git"
		}
		return &url.URL{Scheme: "https", Host: u.Hostname(), Path: u.Path}, "" // the SSH port says nothing about the API's
	case u.User != nil:
		return nil, "it holds a user name or a token; sign in instead"
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, "http is not encrypted; write https"
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, "its scheme is not https"
	case u.RawPath != "" && strings.Contains(strings.ToLower(u.RawPath), "%2f"):
		return nil, "its path is not a clean one"
	}
	return u, ""
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// apiURL derives where a host's REST API is
// (docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api
// and, for GitHub Enterprise Server and ghe.com, their own pages).
func apiURL(u *url.URL) (api, why string) {
	u.Host = strings.ToLower(u.Host)
	if u.Scheme == "https" && u.Port() == "443" {
		u.Host = u.Hostname()
	}
	host := u.Hostname()
	switch {
	case isLoopback(host):
		return u.Scheme + "://" + u.Host + "/api/v3/", ""
	case !hostForm.MatchString(host) && net.ParseIP(host) == nil:
		return "", "its host is not a valid name"
	case host == "www.github.com":
		u.Host = "github.com"
		return "https://api.github.com/", ""
	case host == "github.com":
		return "https://api.github.com/", ""
	case strings.HasSuffix(host, ".ghe.com"):
		return "https://api." + host + "/", ""
	}
	return "https://" + u.Host + "/api/v3/", ""
}

func unknownRepository(text, why string) *Fault {
	return &Fault{Kind: Usage, Code: "repository-unknown-form",
		Message: fmt.Sprintf("%s is not a repository that can be followed: %s", show(text), why),
		Hint: "write owner/name, https://HOST/owner/name (also with /tree/REF/PATH or /blob/REF/FILE), " +
			"git@HOST:owner/name.git or ssh://git@HOST/owner/name.git",
	}
}

// ValidName says what is wrong with a name for a source: it is a slug of 1 to 40
// lower-case letters, digits and -, and not [Mine]. The error is a [Usage]
// fault, "source-name".
func ValidName(name string) error {
	valid := name != "" && len(name) <= 40 && !strings.ContainsFunc(name, notLabel)
	if valid && name != Mine {
		return nil
	}
	f := &Fault{Kind: Usage, Code: "source-name", Message: show(name) + " cannot name a source",
		Hint: "write 1 to 40 lower-case letters, digits and -"}
	if name == Mine {
		f.Hint = "that is what the entries of this machine are called; choose another"
	}
	return f
}

// SlugFrom makes a valid source name from a repository's.
func SlugFrom(repoName string) string {
	slug := strings.Map(func(r rune) rune {
		if notLabel(r) {
			return '-'
		}
		return r
	}, strings.ToLower(repoName))
	for strings.Contains(slug, "--") {
		slug = strings.ReplaceAll(slug, "--", "-")
	}
	slug = strings.Trim(slug[:min(len(slug), 40)], "-")
	switch slug {
	case "":
		return "source"
	case Mine:
		return Mine + "-source"
	}
	return slug
}
