package githubtest

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

//go:embed testdata
var recordings embed.FS

// recorded is one exchange with the real api.github.com.
type recorded struct {
	Method   string
	Path     string
	Status   int
	Response json.RawMessage
	Headers  map[string]string
}

// Replay starts a server that answers GET requests as api.github.com did in a
// recording (see testdata/README.md). The API is at its root. Links to the real
// host in Location headers lead back to it.
func Replay(t testing.TB, recording string) *httptest.Server {
	t.Helper()
	data, err := recordings.ReadFile("testdata/" + recording + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var all []recorded
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, one := range all {
			if strings.EqualFold(one.Method, r.Method) && one.Path == r.URL.RequestURI() {
				one.write(w, "http://"+r.Host)
				return
			}
		}
		refuse(w, http.StatusNotImplemented, fmt.Sprintf("no recording of %s %s", r.Method, r.URL.RequestURI()))
	}))
	t.Cleanup(s.Close)
	return s
}

func (one recorded) write(w http.ResponseWriter, host string) {
	for name, value := range one.Headers {
		switch name {
		case "content-encoding", "content-length", "transfer-encoding", "connection":
			continue // of the connection, not of the answer
		case "location":
			if u, err := url.Parse(value); err == nil {
				value = host + u.RequestURI()
			}
		}
		w.Header().Set(name, value)
	}
	w.WriteHeader(one.Status)
	_, _ = w.Write(one.Response)
}
