package github

import (
	"strings"
	"testing"
)

// TestWebLink holds that a server's link to a commit is one that a face may open.
func TestWebLink(t *testing.T) {
	for _, good := range []string{"https://github.com/acme/forwards/commit/1", "http://127.0.0.1:8080/acme/forwards/commit/1"} {
		if got := webLink(good); got != good {
			t.Errorf("%s became %q", good, got)
		}
	}
	for _, bad := range []string{
		"", "javascript:alert(1)", "file:///etc/passwd", "//evil.example", "http://evil.example/", "vscode://x/y",
		"http://127.0.0.1:80@evil.example/", "https://github.com@evil.example/", "https://github.com/\x1b[2J", "https://",
		"https://github.com/" + strings.Repeat("x", 1000),
	} {
		if got := webLink(bad); got != "" {
			t.Errorf("%q is let through", got)
		}
	}
}
