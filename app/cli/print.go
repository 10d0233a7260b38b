package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/portolan-app/portolan/internal/portolan"
)

// screen is a stream that a person may be looking at. Everything printed to it
// is free of control characters but those it writes itself.
type screen struct {
	w      io.Writer
	fd     int  // of the terminal; -1 when this is none
	ansi   bool // the terminal understands escape sequences
	color  bool
	failed error // of the first write that failed
}

// newScreen colours only on a terminal, and not where NO_COLOR (no-color.org) or
// a dumb terminal forbid it.
func newScreen(w io.Writer, env func(string) string) *screen {
	s := &screen{w: w, fd: -1}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		s.fd = int(f.Fd())
		s.ansi = env("TERM") != "dumb" && escapes(f)
		s.color = s.ansi && env("NO_COLOR") == ""
	}
	return s
}

// Write passes data on as it is, and remembers a failure.
func (s *screen) Write(data []byte) (int, error) {
	n, err := s.w.Write(data)
	if err != nil && s.failed == nil {
		s.failed = err
	}
	return n, err
}

// width is that of the terminal in columns, or 80.
func (s *screen) width() int {
	if width, _, err := term.GetSize(s.fd); err == nil && width > 0 {
		return width
	}
	return 80
}

// printf is fmt.Fprintf with every argument cleaned, and coloured where it is a
// [cell].
func (s *screen) printf(format string, args ...any) {
	for i, arg := range args {
		args[i] = s.printable(arg)
	}
	_, _ = fmt.Fprintf(s, format, args...)
}

func (s *screen) printable(arg any) any {
	switch v := arg.(type) {
	case cell:
		return s.paint(v, clean(v.text))
	case error:
		return clean(v.Error())
	case fmt.Stringer:
		return clean(v.String())
	}
	if v := reflect.ValueOf(arg); v.Kind() == reflect.String {
		return clean(v.String())
	}
	return arg
}

// json prints v as one indented document.
func (s *screen) json(v any) { s.encode(v, "  ") }

// jsonLine prints v on one line, for streams of documents.
func (s *screen) jsonLine(v any) { s.encode(v, "") }

// encode prints v as JSON in which invisible characters are escaped, so that it
// is as safe on a terminal as text is, and still says the same.
func (s *screen) encode(v any, indent string) {
	var document bytes.Buffer
	enc := json.NewEncoder(&document)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		s.failed = err
		return
	}
	var visible strings.Builder
	for _, r := range document.String() {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co) && r != '\n' {
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&visible, "\\u%04x", unit)
			}
		} else {
			visible.WriteRune(r)
		}
	}
	_, _ = io.WriteString(s, visible.String())
}

// cell is a piece of text with the SGR codes (ECMA-48) to show it in.
type cell struct{ text, sgr string }

func plain(text string) cell  { return cell{text, ""} }
func bold(text string) cell   { return cell{text, "1"} }
func faint(text string) cell  { return cell{text, "2"} }
func red(text string) cell    { return cell{text, "31"} }
func green(text string) cell  { return cell{text, "32"} }
func yellow(text string) cell { return cell{text, "33"} }

// paint wraps text, which stands for c, in c's codes.
func (s *screen) paint(c cell, text string) string {
	if !s.color || c.sgr == "" {
		return text
	}
	return "\x1b[" + c.sgr + "m" + text + "\x1b[0m"
}

// table prints rows under a header, columns aligned and two spaces apart. An
// empty cell shows as "-", except in the last column.
func (s *screen) table(header []string, rows [][]cell) {
	all := make([][]cell, 0, len(rows)+1)
	head := make([]cell, len(header))
	for i, h := range header {
		head[i] = faint(h)
	}
	all = append(append(all, head), rows...)
	widths := make([]int, len(header))
	for _, row := range all {
		for i := range row {
			row[i].text = clean(row[i].text)
			if row[i].text == "" && i < len(header)-1 {
				row[i].text = "-"
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i].text))
		}
	}
	for _, row := range all {
		var line strings.Builder
		for i, c := range row {
			line.WriteString(s.paint(c, c.text))
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", widths[i]+2-utf8.RuneCountInString(c.text)))
			}
		}
		_, _ = fmt.Fprintln(s, strings.TrimRight(line.String(), " "))
	}
}

// orEmpty is never nil, so that JSON has [] where there is nothing.
func orEmpty[T any](values []T) []T {
	if values == nil {
		return []T{}
	}
	return values
}

// clean makes a value from outside safe to print on one line of a terminal:
// white space becomes a blank, and control characters, bidirectional controls
// and other invisible ones go.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u200c' || r == '\u200d': // joiners, which scripts and emoji need
			return r
		case r == '\n' || r == '\t' || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
}

// quote writes a value as one word of a POSIX shell.
func quote(word string) string { return portolan.Quote(word) }
