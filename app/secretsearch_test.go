//go:build linux

package app_test

import (
	"bytes"
	"compress/zlib"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// plantedToken is a token that occurs nowhere else in the world. Its last
// characters change when it is written into a URL, JSON or HTML.
func plantedToken() string { return "github_pat_" + rand.Text() + "+/&<" }

// forms are the ways in which a token may lie around.
func forms(token string) map[string][]byte {
	found := map[string][]byte{
		"plain":          []byte(token),
		"query-escaped":  []byte(url.QueryEscape(token)),
		"path-escaped":   []byte(url.PathEscape(token)),
		"path":           []byte((&url.URL{Path: token}).EscapedPath()),
		"hexadecimal":    []byte(hex.EncodeToString([]byte(token))),
		"JSON in a JSON": nil,
	}
	once, _ := json.Marshal(token)
	twice, _ := json.Marshal(string(once))
	found["JSON"] = bytes.Trim(once, `"`)
	found["JSON in a JSON"] = bytes.Trim(twice, `\"`)
	for before := range 3 { // how base64 looks depends on what stands in front
		for name, coding := range map[string]*base64.Encoding{"base64": base64.StdEncoding, "base64url": base64.URLEncoding} {
			text := coding.EncodeToString([]byte(strings.Repeat("x", before) + token + "xxx"))
			found[fmt.Sprintf("%s at %d", name, before)] = []byte(text[4 : len(text)-8]) // without what the neighbours change
		}
	}
	return found
}

// holds returns in which forms data holds the token, also where parts of data are
// compressed, as the contents of files are in the store.
func holds(data []byte, token string) []string {
	var found []string
	for name, form := range forms(token) {
		if bytes.Contains(data, form) {
			found = append(found, name)
		}
		for _, part := range inflated(data) {
			if bytes.Contains(part, form) {
				found = append(found, name+", compressed")
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// inflated returns everything in data that is a zlib stream (RFC 1950).
func inflated(data []byte) [][]byte {
	var parts [][]byte
	for at := 0; at+2 < len(data); at++ {
		if data[at] != 0x78 || (int(data[at])<<8+int(data[at+1]))%31 != 0 {
			continue
		}
		r, err := zlib.NewReader(bytes.NewReader(data[at:]))
		if err != nil {
			continue
		}
		part, _ := io.ReadAll(io.LimitReader(r, 16<<20)) // what came before an error counts too
		parts = append(parts, part)
	}
	return parts
}

// search looks for the token in the names and contents of all files below the
// directories and returns what it found and where.
func search(t *testing.T, token string, dirs ...string) (found []string, files int) {
	t.Helper()
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			name, _ := filepath.Rel(dir, path)
			for _, form := range holds([]byte(name), token) {
				found = append(found, "the name "+name+": "+form)
			}
			if !d.Type().IsRegular() {
				return nil
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			files++
			for _, form := range holds(data, token) {
				found = append(found, name+": "+form)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found, files
}

// processes looks for the token in the arguments and the environment of every
// process that this user may look at. It returns only what holds it: the rest is
// other people's business.
func processes(token string) (found []string, looked int) {
	for _, kind := range []string{"cmdline", "environ"} {
		files, _ := filepath.Glob("/proc/[0-9]*/" + kind)
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				continue // it has ended, or is not ours
			}
			looked++
			for _, form := range holds(data, token) {
				found = append(found, fmt.Sprintf("%s: %s: %q", file, form, data))
			}
		}
	}
	return found, looked
}

// TestTokenSearchForms holds that the search sees through what a program may do
// to a token by the way.
func TestTokenSearchForms(t *testing.T) {
	token := plantedToken()
	var packed bytes.Buffer
	packed.WriteString("page header")
	z := zlib.NewWriter(&packed)
	_, _ = io.WriteString(z, "a file with "+token)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	quoted, _ := json.Marshal(map[string]string{"token": token})
	logged, _ := json.Marshal(map[string]string{"body": string(quoted)})
	for name, data := range map[string]string{
		"plain":          "Authorization: Bearer " + token + "\n",
		"URL":            (&url.URL{Scheme: "https", Host: "api.github.com", Path: "/repos/acme/" + token}).String(),
		"user of a URL":  (&url.URL{Scheme: "https", Host: "github.com", User: url.UserPassword("x", token)}).String(),
		"query":          "access_token=" + url.QueryEscape(token),
		"JSON":           string(quoted),
		"JSON in a log":  string(logged),
		"basic":          "Basic " + base64.StdEncoding.EncodeToString([]byte("x-access-token:"+token)),
		"basic, no user": "Basic " + base64.StdEncoding.EncodeToString([]byte(token)),
		"basic, short":   "Basic " + base64.URLEncoding.EncodeToString([]byte("x:"+token)),
		"hexadecimal":    hex.EncodeToString([]byte(token)),
		"compressed":     packed.String(),
	} {
		if len(holds([]byte(data), token)) == 0 {
			t.Errorf("%s: not found in %q", name, data)
		}
		if found := holds([]byte(data), plantedToken()); len(found) > 0 {
			t.Errorf("%s: another token is found as %v", name, found)
		}
	}
}
