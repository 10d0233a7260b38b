package web

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// pages serves the built front end, file by file: a path that is not in the table
// does not exist, so that none can lead out of it and no folder is listed.
type pages struct {
	files map[string][]byte // by path, with the slash in front
	index []byte            // nil where the program was built without its pages
}

// kinds are the types of the files that Vite makes. The system's own table is not
// asked: on Windows any program may change it, and a script of a wrong type does
// not run.
var kinds = map[string]string{
	".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8", ".ico": "image/x-icon",
	".jpg": "image/jpeg", ".js": "text/javascript; charset=utf-8", ".json": "application/json",
	".png": "image/png", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
	".webp": "image/webp", ".woff2": "font/woff2",
}

func readPages(assets fs.FS) (*pages, error) {
	p := &pages{files: make(map[string][]byte)}
	err := fs.WalkDir(assets, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		data, err := fs.ReadFile(assets, name)
		p.files["/"+name] = data
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the pages: %w", err)
	}
	p.index = p.files["/index.html"]
	return p, nil
}

// ServeHTTP implements [http.Handler].
func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, found := p.files[r.URL.Path]
	switch home := r.URL.Path == "/" || r.URL.Path == "/index.html"; {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "the pages can only be read", http.StatusMethodNotAllowed)
	case home && p.index == nil:
		write(w, http.StatusServiceUnavailable, ".html", []byte(unbuilt))
	case home:
		p.serveIndex(w)
	case !found:
		http.Error(w, "there is no such page", http.StatusNotFound)
	default:
		if strings.HasPrefix(r.URL.Path, "/assets/") && w.Header().Get("Cache-Control") != "" {
			w.Header().Set("Cache-Control", "private, max-age=31536000, immutable") // Vite names them by their content
		}
		write(w, http.StatusOK, path.Ext(r.URL.Path), data)
	}
}

// serveIndex serves the page with the policy for what it may load: everything from
// here, nothing from elsewhere. Scripts are files. Mantine and react-style-singleton
// write style elements while the page runs, with what a theme or a dialog needs;
// these carry a nonce, which the page finds in the element that Vite, too, would
// look for. Style attributes need no leave: React sets them through the CSSOM.
func (p *pages) serveIndex(w http.ResponseWriter) {
	nonce := rand.Text()
	page := bytes.Replace(p.index, []byte("<head>"), fmt.Appendf(nil, `<head><meta property="csp-nonce" nonce="%s">`, nonce), 1)
	if w.Header().Get("Content-Security-Policy") != "" {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-"+nonce+"'; "+
			"img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	}
	write(w, http.StatusOK, ".html", page)
}

func write(w http.ResponseWriter, status int, extension string, data []byte) {
	kind, ok := kinds[extension]
	if !ok {
		kind = "application/octet-stream"
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(data) // net/http leaves it out for HEAD
}

// unbuilt is what a program says that was built on a fresh clone.
const unbuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Portolan without its pages</title>
<h1>Portolan runs, but was built without its pages</h1>
<p>Build them, and then the program again:</p>
<pre>cd frontend; npm ci; npm run build; cd ..
CGO_ENABLED=0 go build -o portolan .</pre>
<p>or all of it with <code>go run ./build/dev build</code>. The commands work meanwhile: <code>portolan status</code>.</p>
</html>
`
