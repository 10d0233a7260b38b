package github

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"

	"github.com/portolan-app/portolan/internal/portolan"
)

var (
	shaForm  = regexp.MustCompile(`^[0-9a-f]{40}$`)
	nameForm = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)
	badRef   = regexp.MustCompile(`[\x00-\x20\x7f~^:?*\[\\]|\.\.|//|^/|/$|@\{`) // git-check-ref-format(1)
)

// Repository returns what GitHub says of a repository: its number, its owner and
// name as they are now — after a rename, not the ones asked for — and its default
// branch. Comparing the number with a stored one tells a renamed repository from
// another one that took the old name.
func (c *Client) Repository(ctx context.Context, owner, name string) (repo portolan.Repository, defaultBranch string, err error) {
	facts, err := c.Facts(ctx, owner, name)
	return facts.Repo, facts.DefaultBranch, err
}

// Facts is what GitHub says of a repository.
type Facts struct {
	Repo          portolan.Repository // with its number, and named as it is now
	DefaultBranch string
	Private       bool // or internal, which GitHub counts as private
}

// Facts is [Client.Repository] with all that GitHub says.
func (c *Client) Facts(ctx context.Context, owner, name string) (Facts, error) {
	if _, err := c.currentToken(ctx, true); err != nil {
		return Facts{}, err
	}
	return c.facts(ctx, owner, name)
}

func (c *Client) facts(ctx context.Context, owner, name string) (Facts, error) {
	about := subject{repo: portolan.Repository{Owner: owner, Name: name}}
	if err := checkName(about.repo, ""); err != nil {
		return Facts{}, err
	}
	var got *gh.Repository
	_, err := c.call(ctx, about, smallBody, func(ctx context.Context, api *gh.Client) (resp *gh.Response, err error) {
		got, resp, err = api.Repositories.Get(ctx, owner, name)
		return resp, err
	})
	if err != nil {
		return Facts{}, err
	}
	repo := portolan.Repository{
		Host: c.host, APIURL: c.base.String(),
		Owner: got.GetOwner().GetLogin(), Name: got.GetName(), ID: got.GetID(),
	}
	if repo.ID <= 0 || checkName(repo, "") != nil {
		return Facts{}, c.badAnswer(about, "it lacks the number or the name of the repository")
	}
	return Facts{Repo: repo, DefaultBranch: got.GetDefaultBranch(), Private: got.GetPrivate()}, nil
}

// Branches lists the first 100 branches of a repository, sorted. Names that git
// does not allow are left out.
func (c *Client) Branches(ctx context.Context, r portolan.Repository) ([]string, error) {
	about := subject{repo: r}
	if err := checkName(r, ""); err != nil {
		return nil, err
	}
	var got []*gh.Branch
	_, err := c.call(ctx, about, smallBody, func(ctx context.Context, api *gh.Client) (resp *gh.Response, err error) {
		got, resp, err = api.Repositories.ListBranches(ctx, r.Owner, r.Name, &gh.BranchListOptions{ListOptions: gh.ListOptions{PerPage: 100}})
		return resp, err
	})
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(got))
	for _, b := range got {
		if name := b.GetName(); name != "" && checkName(r, name) == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// Head returns the commit that ref is at, which is a branch, a tag or a full SHA;
// "" stands for the default branch. With last, the SHA that is known already,
// GitHub answers an unchanged ref without using up quota; then changed is false.
//
// If GitHub redirects because the repository was renamed, Head follows, makes sure
// of the number in r.ID (unless that is 0), and [Client.Moved] tells the new name.
// Another number is the fault "github-replaced".
func (c *Client) Head(ctx context.Context, r portolan.Repository, ref, last string) (sha string, changed bool, err error) {
	about := subject{repo: r, ref: ref}
	if err := checkName(r, ref); err != nil {
		return "", false, err
	}
	if _, err := c.currentToken(ctx, true); err != nil {
		return "", false, err
	}
	resp, err := c.call(ctx, about, smallBody, func(ctx context.Context, api *gh.Client) (resp *gh.Response, err error) {
		sha, resp, err = api.Repositories.GetCommitSHA1(ctx, r.Owner, r.Name, cmp.Or(ref, "HEAD"), last)
		return resp, err
	})
	if err != nil {
		return "", false, err
	}
	switch {
	case isNotModified(resp) && last != "":
		sha = last
	case strings.HasPrefix(strings.TrimSpace(sha), "<"):
		return "", false, c.captivePortal(about, webPage)
	case !shaForm.MatchString(sha):
		return "", false, c.badAnswer(about, "%q is no commit", c.clean(clip(sha, 60)))
	}
	if resp.Request.Response != nil { // the request before this one was redirected
		if err := c.follow(ctx, r); err != nil {
			return "", false, err
		}
	}
	return sha, sha != last, nil
}

// follow makes sure that a redirect leads to the same repository under a new name.
func (c *Client) follow(ctx context.Context, r portolan.Repository) error {
	facts, err := c.facts(ctx, r.Owner, r.Name)
	if err != nil {
		return err
	}
	now := facts.Repo
	if r.ID != 0 && now.ID != r.ID {
		return &portolan.Fault{Kind: portolan.Failed, Code: "github-replaced",
			Message: subject{repo: r}.String() + " on " + c.host + " is now another repository, " + subject{repo: now}.String(),
			Hint:    "if that is meant to be followed, add it as a new source"}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moved[movedKey(r)] = now
	return nil
}

// Moved returns where a renamed repository is now, if a [Client.Head] of this
// client was redirected from r's owner and name.
func (c *Client) Moved(r portolan.Repository) (now portolan.Repository, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, ok = c.moved[movedKey(r)]
	return now, ok
}

func movedKey(r portolan.Repository) string { return strings.ToLower(r.Owner + "/" + r.Name) }

// Commit returns one commit. Its time is the committer's, which is when it came to
// be in this form; its message is the first line, at most 200 characters.
func (c *Client) Commit(ctx context.Context, r portolan.Repository, sha string) (portolan.Commit, error) {
	about := subject{repo: r, ref: sha}
	if err := checkSHA(r, sha); err != nil {
		return portolan.Commit{}, err
	}
	var got *gh.Commit
	_, err := c.call(ctx, about, smallBody, func(ctx context.Context, api *gh.Client) (resp *gh.Response, err error) {
		got, resp, err = api.Git.GetCommit(ctx, r.Owner, r.Name, sha)
		return resp, err
	})
	if err != nil {
		return portolan.Commit{}, err
	}
	if got.GetSHA() != sha || !shaForm.MatchString(got.GetTree().GetSHA()) {
		return portolan.Commit{}, c.badAnswer(about, "it is not that commit")
	}
	first, _, _ := strings.Cut(got.GetMessage(), "\n")
	return portolan.Commit{
		SHA: sha, Tree: got.GetTree().GetSHA(),
		Author: c.clean(got.GetAuthor().GetName()), Message: c.clean(first),
		Time: got.GetCommitter().GetDate().UTC(), URL: webLink(got.GetHTMLURL()),
		Verification: c.verification(got.GetVerification()), Signer: c.clean(clip(got.GetCommitter().GetEmail(), 254)), // RFC 5321, 4.5.3.1.3
	}, nil
}

// verification is the host's word for a signature. It is "valid" only where the
// host says so twice.
func (c *Client) verification(v *gh.SignatureVerification) string {
	const valid = "valid"
	said := v.GetReason()
	if said == valid && v.GetVerified() {
		return valid
	}
	if said = c.clean(clip(said, 40)); said == valid {
		return "invalid"
	}
	return said
}

// webLink lets only a link through that a face may open.
func webLink(link string) string {
	u, err := url.Parse(link) // which refuses control characters
	if err != nil || len(link) > 1000 || u.Host == "" || u.User != nil ||
		u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
		return ""
	}
	return link
}

// Blob returns the content of a blob of at most limit bytes, having made sure that
// it is the one that the SHA names.
func (c *Client) Blob(ctx context.Context, r portolan.Repository, sha string, limit int64) ([]byte, error) {
	about := subject{repo: r, ref: "blob " + sha}
	if err := checkSHA(r, sha); err != nil {
		return nil, err
	}
	var got *gh.Blob
	maxBody := limit*3/2 + 16<<10 // base64, its line ends, and the members around it
	_, err := c.call(ctx, about, maxBody, func(ctx context.Context, api *gh.Client) (resp *gh.Response, err error) {
		got, resp, err = api.Git.GetBlob(ctx, r.Owner, r.Name, sha)
		return resp, err
	})
	if err != nil {
		return nil, err
	}
	data, err := decode(got)
	if err != nil {
		return nil, c.badAnswer(about, "%v", err)
	}
	if int64(len(data)) > limit {
		return nil, c.networkFault(ctx, about, &tooLargeError{limit})
	}
	if portolan.BlobSHA(data) != sha {
		f := c.later("blob-mismatch", "%s gives other content for %s than its name says", c.host, about)
		f.Hint = "it was changed or cut on the way, and is not used; what was read before stays"
		return nil, f
	}
	return data, nil
}

func decode(b *gh.Blob) ([]byte, error) {
	if b.GetEncoding() != "base64" {
		return []byte(b.GetContent()), nil // "utf-8"; the SHA decides
	}
	text := bytes.ReplaceAll([]byte(b.GetContent()), []byte("\n"), nil)
	n, err := base64.StdEncoding.Decode(text, text)
	return text[:n], err
}

// User returns whose the token is and what GitHub tells of it, for sign-in.
func (c *Client) User(ctx context.Context) (portolan.Host, error) {
	token, err := c.currentToken(ctx, true)
	if err != nil {
		return portolan.Host{}, err
	}
	about := subject{}
	var user *gh.User
	resp, err := c.call(ctx, about, smallBody, func(ctx context.Context, api *gh.Client) (resp *gh.Response, err error) {
		user, resp, err = api.Users.Get(ctx, "")
		return resp, err
	})
	if err != nil {
		return portolan.Host{}, err
	}
	if !nameForm.MatchString(user.GetLogin()) {
		return portolan.Host{}, c.badAnswer(about, "it lacks the login")
	}
	scopes, classic := resp.Header["X-Oauth-Scopes"]
	host := portolan.Host{Host: c.host, Login: user.GetLogin(), Kind: tokenKind(token, classic)}
	for _, scope := range strings.FieldsFunc(strings.Join(scopes, ","), func(r rune) bool { return r == ',' || r == ' ' }) {
		host.Scopes = append(host.Scopes, c.clean(scope))
	}
	if at := resp.TokenExpiration.Time; !at.IsZero() {
		host.Expires = at.UTC().Truncate(time.Second)
	}
	return host, nil
}

// Quota is how many requests a host allows.
type Quota struct {
	Limit     int // an hour; 0 = the host sets none, as GitHub Enterprise Server may
	Remaining int
	Reset     time.Time // when Remaining is Limit again
}

// Quota asks how many requests are left to the token, or, without one, to this
// address. Asking is free (REST API: "Get rate limit status for the authenticated
// user"); the answer tells too that the host can be reached and takes the token.
func (c *Client) Quota(ctx context.Context) (Quota, error) {
	if _, err := c.currentToken(ctx, true); err != nil {
		return Quota{}, err
	}
	var limits *gh.RateLimits
	_, err := c.call(ctx, subject{}, smallBody, func(ctx context.Context, api *gh.Client) (resp *gh.Response, err error) {
		limits, resp, err = api.RateLimit.Get(ctx)
		if answer := (*gh.ErrorResponse)(nil); errors.As(err, &answer) && strings.Contains(answer.Message, "not enabled") {
			return resp, nil // the words of GitHub Enterprise Server where limits are switched off
		}
		return resp, err
	})
	if err != nil || limits.GetCore() == nil {
		return Quota{}, err
	}
	core := limits.GetCore()
	return Quota{Limit: core.Limit, Remaining: core.Remaining, Reset: core.Reset.Time}, nil
}

// tokenKind tells a token's kind by its prefix (GitHub: "About authentication",
// token formats). Before 2021 there was none; the classic ones have scopes.
func tokenKind(token portolan.Token, scopes bool) string {
	text := token.Reveal()
	for _, kind := range []struct{ prefix, name string }{
		{"github_pat_", "fine-grained"}, {"ghp_", "classic"},
		{"gho_", "app"}, {"ghu_", "app"}, {"ghs_", "app"},
	} {
		if strings.HasPrefix(text, kind.prefix) {
			return kind.name
		}
	}
	if scopes {
		return "classic"
	}
	return "unknown"
}

// checkName keeps a name or ref out of the URL that would change its path.
func checkName(r portolan.Repository, ref string) error {
	for _, part := range []string{r.Owner, r.Name} {
		if !nameForm.MatchString(part) || part == "." || part == ".." {
			return &portolan.Fault{Kind: portolan.Usage, Code: "repository-unknown-form",
				Message: "the owner or name of the repository is none that GitHub allows",
				Hint:    "write owner/name"}
		}
	}
	if badRef.MatchString(ref) || len(ref) > 250 {
		return &portolan.Fault{Kind: portolan.Usage, Code: "ref-unknown-form",
			Message: fmt.Sprintf("%q is no ref that git allows", clip(ref, 60)),
			Hint:    "write the name of a branch or a tag, or a full commit SHA"}
	}
	return nil
}

func checkSHA(r portolan.Repository, sha string) error {
	if err := checkName(r, ""); err != nil {
		return err
	}
	if !shaForm.MatchString(sha) {
		return &portolan.Fault{Kind: portolan.Usage, Code: "sha-unknown-form",
			Message: "a commit, tree or blob is named by 40 hex digits in lower case"}
	}
	return nil
}
