package githubtest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"strconv"
	"strings"
	"time"
)

// Fault makes a bad server of a good one. closed is closed when the server ends,
// for a fault that would wait longer.
type Fault func(closed <-chan struct{}, next http.Handler) http.Handler

// Handle answers in the server's place.
func Handle(h http.HandlerFunc) Fault {
	return func(<-chan struct{}, http.Handler) http.Handler { return h }
}

// Answer gives a status, headers (name, value, …) and GitHub's JSON for message.
func Answer(status int, message string, headers ...string) Fault {
	return Handle(func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		refuse(w, status, message)
	})
}

// Times applies a fault to the first n requests only.
func Times(n int, f Fault) Fault {
	left := make(chan struct{}, n)
	for range n {
		left <- struct{}{}
	}
	return func(closed <-chan struct{}, next http.Handler) http.Handler {
		bad := f(closed, next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-left:
				bad.ServeHTTP(w, r)
			default:
				next.ServeHTTP(w, r)
			}
		})
	}
}

// RateLimited is the primary limit, which ends at reset.
func RateLimited(reset time.Time) Fault {
	return Answer(http.StatusForbidden, "API rate limit exceeded for user ID 1.",
		"X-RateLimit-Limit", "5000", "X-RateLimit-Remaining", "0",
		"X-RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10))
}

// SecondaryLimited is a secondary limit: with a Retry-After (seconds or an HTTP
// date), or, where that is empty, in the text only.
func SecondaryLimited(status int, retryAfter string) Fault {
	const text = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
	if retryAfter == "" {
		return Answer(status, text)
	}
	return Answer(status, text, "Retry-After", retryAfter)
}

// Slow answers d late.
func Slow(d time.Duration) Fault {
	return func(closed <-chan struct{}, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(d):
				next.ServeHTTP(w, r)
			case <-r.Context().Done():
			case <-closed:
			}
		})
	}
}

// Reset closes the connection without an answer.
func Reset() Fault {
	return Handle(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
}

// Trickle sends an answer that has no end, a byte at a time.
func Trickle(pause time.Duration) Fault {
	return func(closed <-chan struct{}, _ http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			for {
				_, _ = w.Write([]byte(" "))
				_ = http.NewResponseController(w).Flush()
				select {
				case <-time.After(pause):
				case <-r.Context().Done():
					return
				case <-closed:
					return
				}
			}
		})
	}
}

// Cut announces a body of that length, sends this one, and closes the connection.
func Cut(length int, body string) Fault {
	return Handle(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err) // only HTTP/2 cannot
		}
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", length, body)
		_ = conn.Close()
	})
}

// Bomb sends n bytes of JSON in a thousandth of that, compressed.
func Bomb(status int, n int64) Fault {
	const chunk = 64 << 10
	pack := func(text string) []byte {
		var packed bytes.Buffer
		zip := gzip.NewWriter(&packed)
		_, _ = io.WriteString(zip, text)
		_ = zip.Close()
		return packed.Bytes()
	}
	begin, more := pack(`{"content":"`), pack(strings.Repeat("A", chunk)) // gzip's members may follow each other
	return Handle(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(status)
		_, _ = w.Write(begin)
		_, _ = w.Write(bytes.Repeat(more, int(n/chunk)))
	})
}

// Deep sends JSON that is nested n deep.
func Deep(n int) Fault {
	return Handle(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, strings.Repeat(`{"tree":[`, n/2))
	})
}

// Tree answers every request for a tree with n files, in GitHub's whole form.
func Tree(n int) Fault {
	return Handle(func(w http.ResponseWriter, r *http.Request) {
		sha := path.Base(r.URL.Path)
		w.Header().Set("Content-Type", "application/json")
		var body strings.Builder
		_, _ = fmt.Fprintf(&body, `{"sha":%q,"url":"https://api.github.com/repos/octocat/forwards/git/trees/%s","truncated":false,"tree":[`, sha, sha)
		for i := range n {
			if i > 0 {
				body.WriteString(",")
			}
			digits := strconv.Itoa(1_000_000 + i)
			blob := strings.Repeat("0", 33) + digits
			body.WriteString(`{"path":"teams/team-` + digits[4:] + `/environments/file-` + digits + `.json","mode":"100644","type":"blob","sha":"` + blob +
				`","size":` + digits + `,"url":"https://api.github.com/repos/octocat/forwards/git/blobs/` + blob + `"}`)
		}
		body.WriteString("]}")
		_, _ = io.WriteString(w, body.String())
	})
}

// Truncated sends the first half of the right answer as if it were the whole.
func Truncated() Fault {
	return change(func(body []byte) []byte { return body[:len(body)/2] })
}

// TruncatedTree lets every recursive tree be cut short, as GitHub does with more
// than 100,000 entries: it keeps the first keep entries and says so.
func TruncatedTree(keep int) Fault {
	cut := change(func(body []byte) []byte {
		var tree struct {
			SHA       string            `json:"sha"`
			Tree      []json.RawMessage `json:"tree"`
			Truncated bool              `json:"truncated"`
		}
		if json.Unmarshal(body, &tree) != nil {
			return body
		}
		tree.Tree, tree.Truncated = tree.Tree[:min(keep, len(tree.Tree))], true
		body, _ = json.Marshal(tree)
		return body
	})
	return func(closed <-chan struct{}, next http.Handler) http.Handler {
		bad := cut(closed, next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/git/trees/") && r.URL.Query().Get("recursive") != "" {
				bad.ServeHTTP(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// WrongContent sends a blob that has not the SHA that it was asked by.
func WrongContent() Fault {
	return Handle(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"encoding":"base64","content":"ZXZpbA==\n","size":4}`)
	})
}

// CaptivePortal is a network's sign-in page in the place of every answer.
func CaptivePortal() Fault {
	return Handle(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!doctype html><title>Welcome to Hotel WLAN</title>")
	})
}

// Redirect sends the client to another address with the same path.
func Redirect(status int, base string) Fault {
	return Handle(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", base+r.URL.Path)
		w.WriteHeader(status)
	})
}

// Endless sends a JSON string that ends only after n bytes.
func Endless(n int64) Fault {
	return Handle(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"encoding":"base64","content":"`)
		chunk := bytes.Repeat([]byte("A"), 64<<10)
		for sent := int64(0); sent < n; sent += int64(len(chunk)) {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
		_, _ = io.WriteString(w, `"}`)
	})
}

// change alters the body of the right answer.
func change(how func([]byte) []byte) Fault {
	return func(_ <-chan struct{}, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rec := httptest.NewRecorder()
			next.ServeHTTP(rec, r)
			body := how(rec.Body.Bytes())
			for name, values := range rec.Header() {
				w.Header()[name] = values
			}
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
			w.WriteHeader(rec.Code)
			_, _ = w.Write(body)
		})
	}
}
