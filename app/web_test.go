package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdSignin does with the link on standard output what a browser does, up to the
// first look at the engine; with "!" the exchange of its code must be refused, and
// the answer is put on standard output.
func cmdSignin(ts *testscript.TestScript, neg bool, _ []string) {
	site, code, ok := strings.Cut(strings.TrimSpace(ts.ReadFile("stdout")), "/#code=")
	if neg {
		site, code, ok = ts.Getenv("SITE"), ts.Getenv("CODE"), true
	}
	if !ok {
		ts.Fatalf("there is no link on standard output")
	}
	ts.Setenv("SITE", site)
	ts.Setenv("CODE", code)
	status, answer := post(ts, site, "/session", fmt.Sprintf(`{"code":%q}`, code), "")
	if neg {
		_, _ = fmt.Fprintf(ts.Stdout(), "%d %s", status, answer)
		if status == http.StatusOK {
			ts.Fatalf("the code counts")
		}
		return
	}
	var session struct{ Secret string }
	ts.Check(json.Unmarshal(answer, &session))
	if status, answer := post(ts, site, "/api/view", "{}", session.Secret); status != http.StatusOK || !strings.Contains(string(answer), `"revision"`) {
		ts.Fatalf("the view: %d %s", status, answer)
	}
	if status, _ := post(ts, site, "/api/view", "{}", ""); status != http.StatusUnauthorized {
		ts.Fatalf("without the secret: %d", status)
	}
}

// post sends a request as a page of that site does.
func post(ts *testscript.TestScript, site, path, body, secret string) (status int, answer []byte) {
	req, err := http.NewRequest(http.MethodPost, site+path, strings.NewReader(body))
	ts.Check(err)
	req.Header.Set("Origin", site)
	req.Header.Set("Portolan-API", "2")
	req.Header.Set("Authorization", "Bearer "+secret)
	client := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	ts.Check(err)
	defer func() { _ = resp.Body.Close() }()
	answer, err = io.ReadAll(resp.Body)
	ts.Check(err)
	return resp.StatusCode, answer
}
