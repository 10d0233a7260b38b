package portolan

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// finding is a problem that has no place in a text yet. A zero code means that
// there is none.
type finding struct {
	field    string // JSON name, "" for the entry as a whole
	severity Severity
	code     string
	message  string
	hint     string
}

// Validate says everything that is wrong with an entry, by the rules that
// [Parse] has for one in a file. The problems have a pointer ("/local_port") but
// neither file nor position. An entry without an error may be stored and
// started.
func Validate(e Entry) []Problem {
	found := e.judge()
	for _, m := range e.Rest {
		n, bad := readTree(m.Value)
		if bad != nil {
			found = append(found, finding{m.Name, SeverityError, "json-syntax", m.Name + ": " + bad.message, bad.hint})
			continue
		}
		n.name = m.Name
		found = append(found, judgeRest(n)...)
	}
	problems := make([]Problem, 0, len(found))
	for _, f := range found {
		p := Problem{Severity: f.severity, Code: f.code, Message: f.message, Hint: f.hint}
		if f.field != "" {
			p.Pointer = pointer("", f.field)
		}
		problems = append(problems, p)
	}
	return problems
}

// judge checks every field by itself, then what they require of each other.
func (e *Entry) judge() []finding {
	var found []finding
	for i := range fieldTable {
		if r := &fieldTable[i]; r.ref != nil {
			if f := r.judge(e); f.code != "" {
				found = append(found, f)
			}
		}
	}
	return append(found, e.judgeWhole()...)
}

// judge checks the value of the rule's field of e.
func (r *fieldRule) judge(e *Entry) finding {
	var f finding
	switch v := r.ref(e).(type) {
	case *string:
		f = r.judgeString(*v)
	case *int:
		f = checkPort(*v)
	case *Port:
		f = checkPort(v.Number)
		if v.Name != "" {
			f = checkPortName(v.Name)
		}
	case *[]string:
		for _, s := range *v {
			if f = checkText(s, false); f.code != "" {
				break
			}
		}
	}
	if f.code != "" {
		f.field, f.message = r.Name, r.Name+f.message
		if f.severity == "" {
			f.severity = SeverityError
		}
	}
	return f
}

func (r *fieldRule) judgeString(s string) finding {
	if s == "" {
		return finding{}
	}
	if f := checkText(s, r.Name == "description"); f.code != "" {
		return f
	}
	if r.Enum != nil && !slices.Contains(r.Enum, s) {
		f := finding{code: "field-value", message: " is " + show(s), hint: "write one of " + strings.Join(r.Enum, ", ")}
		if near := nearest(s, r.Enum); near != "" {
			f.hint = fmt.Sprintf("did you mean %q?", near)
		}
		return f
	}
	if r.check != nil {
		return r.check(s)
	}
	return finding{}
}

// judgeWhole checks what the fields of an entry require of each other, and says
// what is read but not acted on.
func (e *Entry) judgeWhole() []finding {
	var found []finding
	missing := func(field, hint string) {
		found = append(found, finding{field, SeverityError, "required", field + " is missing", hint})
	}
	target := TargetOf(*e)
	switch target.Kind {
	case Pod:
		if e.PodName == "" && e.Target == "" {
			missing("target", "a label selector such as app=api, or an exact pod_name")
		} else if e.PodName != "" && e.Target != "" {
			found = append(found, finding{"pod_name", SeverityError, "field-conflict",
				"both target and pod_name are given", "keep one of them"})
		}
	case Proxy:
		if e.RemoteAddress == "" {
			missing("remote_address", "the host that is reached through the cluster")
		}
	case Expose:
	default:
		if e.Service == "" {
			missing("service", fmt.Sprintf("the name of the %s", target.Kind))
		}
	}
	if target.Kind == Service && strings.Contains(e.Service, ".") {
		found = append(found, finding{"service", SeverityError, "name",
			"service is " + show(e.Service), "a service's name has no dots; its namespace is a field of its own"})
	}
	if target.Port.IsZero() && target.Kind != Expose {
		missing("remote_port", "the port to reach, by number or by name")
	}
	if f := NotSupported(*e); f != nil {
		found = append(found, finding{"", SeverityNotice, f.Code, f.Message, f.Hint})
	}
	if e.LocalAddress != "" && BeyondLoopback(e.LocalAddress) {
		found = append(found, finding{"local_address", SeverityNotice, "beyond-loopback",
			"local_address is " + show(e.LocalAddress) + ", which others can reach",
			"each person is asked first, and listens on loopback until then"})
	}
	return append(found, e.secrets()...)
}

// judgeRest says what is worth saying about a member that is kept as it is.
func judgeRest(n *node) []finding {
	var found []finding
	rule := fieldIndex[n.name]
	switch {
	case n.name == "$schema":
	case rule == nil:
		f := finding{n.name, SeverityNotice, "unknown-field", printable(n.name) + " is not known; it is kept", ""}
		if near := nearest(n.name, fieldNames); near != "" {
			f.hint = fmt.Sprintf("did you mean %s?", near)
		}
		found = append(found, f)
		if strings.ContainsFunc(n.name, isControl) {
			found = append(found, finding{n.name, SeverityError, "control-character",
				"the name " + show(n.name) + " holds a control character", "remove it"})
		}
	case !rule.fits(n):
		found = append(found, finding{n.name, SeverityNotice, "field-type", n.name + " is " + n.what(),
			"kftray expects: " + string(rule.Type)})
	case rule.limits != "" && n.isTrue():
		found = append(found, finding{n.name, SeverityNotice, "linux-only", n.name + " works on Linux only", rule.limits})
	case rule.effect && n.isTrue():
		found = append(found, finding{n.name, SeverityNotice, "kept-field",
			n.name + " is not supported yet; it is kept", ""})
	}
	return append(found, restSecrets(n.name, n)...)
}

// isTrue reports whether a flag is set. kftray reads the strings too.
func (n *node) isTrue() bool { return n.kind == 't' || n.kind == '"' && n.text == "true" }

// fits reports whether a value is one that kftray reads for a kept field.
func (r *fieldRule) fits(n *node) bool {
	switch {
	case n.kind == 'n':
		return true
	case r.Type == TypeString:
		return n.kind == '"'
	case r.Type == TypeInteger:
		_, err := strconv.ParseUint(n.text, 10, 64)
		return n.kind == '0' && err == nil
	}
	return n.kind == 't' || n.kind == 'f' || n.kind == '"' && (n.text == "true" || n.text == "false")
}

func checkText(s string, lines bool) finding {
	switch {
	case len(s) > maxStringBytes:
		return finding{code: "string-size", message: fmt.Sprintf(" has %d bytes", len(s)), hint: fmt.Sprintf("at most %d", maxStringBytes)}
	case !utf8.ValidString(s):
		return finding{code: "utf-8", message: " is not valid UTF-8"}
	case strings.ContainsFunc(s, func(r rune) bool { return isControl(r) && (!lines || r != '\n' && r != '\t' && r != '\r') }):
		return finding{code: "control-character", message: " holds a control character: " + show(s), hint: "remove it"}
	}
	return finding{}
}

// isControl reports whether r changes how text around it is shown: control
// characters, line and paragraph separators and the bidirectional controls
// (Unicode Technical Report 36, section 2.5).
func isControl(r rune) bool {
	if r < 0x7f {
		return r < 0x20
	}
	return unicode.IsControl(r) || r == 0x200e || r == 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

func checkPort(n int) finding {
	if n < 0 || n > 65535 {
		return finding{code: "port-range", message: fmt.Sprintf(" is %d", n), hint: "a port is a number from 1 to 65535"}
	}
	return finding{}
}

// checkPortName accepts the name of a service's port (an RFC 1123 label with a
// letter in it), which covers those of containers.
func checkPortName(s string) finding {
	if f := checkText(s, false); f.code != "" {
		return f
	}
	if !isLabel(s) || !strings.ContainsFunc(s, unicode.IsLetter) {
		return finding{code: "port-name", message: " is " + show(s),
			hint: "a port is a number from 1 to 65535, or a name of lower-case letters, digits and -"}
	}
	return finding{}
}

func checkLabel(s string) finding {
	if isLabel(s) {
		return finding{}
	}
	return finding{code: "name", message: " is " + show(s),
		hint: "a Kubernetes name has lower-case letters, digits and -, starts and ends with a letter or digit, and is at most 63 long"}
}

func checkSubdomain(s string) finding {
	valid := len(s) <= 253
	for part := range strings.SplitSeq(s, ".") {
		valid = valid && isLabelForm(part)
	}
	if valid {
		return finding{}
	}
	return finding{code: "name", message: " is " + show(s),
		hint: "a Kubernetes name has lower-case letters, digits, - and ., starts and ends with a letter or digit, and is at most 253 long"}
}

// isLabel reports whether s is an RFC 1123 label, as Kubernetes has it: no
// upper case.
func isLabel(s string) bool { return len(s) <= 63 && isLabelForm(s) }

func isLabelForm(s string) bool {
	return s != "" && s[0] != '-' && s[len(s)-1] != '-' && !strings.ContainsFunc(s, notLabel)
}

func notLabel(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' }

// selectorForm is the grammar of label selectors
// (kubernetes.io/docs/concepts/overview/working-with-objects/labels).
var selectorForm = func() *regexp.Regexp {
	const (
		name  = `[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?`
		key   = `(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?/)?` + name
		value = `(?:` + name + `)?`
		one   = `\s*(?:!\s*` + key + `|` + key + `(?:\s*(?:==?|!=)\s*` + value +
			`|\s+(?:in|notin)\s*\(\s*` + value + `(?:\s*,\s*` + value + `)*\s*\))?)\s*`
	)
	return regexp.MustCompile(`^` + one + `(?:,` + one + `)*$`)
}()

func checkSelector(s string) finding {
	if selectorForm.MatchString(s) {
		return finding{}
	}
	return finding{code: "selector", message: " is " + show(s), hint: "write a label selector such as app=api,tier=web"}
}

func checkAddress(s string) finding {
	if s == "localhost" {
		return finding{}
	}
	if _, err := netip.ParseAddr(s); err != nil {
		return finding{code: "address", message: " is " + show(s), hint: "write localhost or an IP address"}
	}
	return finding{}
}

func checkHost(s string) finding {
	if strings.ContainsAny(s, "/@ \t\\") {
		return finding{code: "address", message: " is " + show(s), hint: "write a host name or an IP address"}
	}
	return finding{}
}

// checkURLPath accepts what stays on the forward's own address when a browser
// resolves it. Browsers read \ as / (WHATWG URL, "special" schemes).
func checkURLPath(s string) finding {
	u, err := url.Parse(s)
	if err != nil || s[0] != '/' || strings.HasPrefix(s, "//") || strings.Contains(s, `\`) || u.Host != "" || u.Scheme != "" || u.User != nil {
		return finding{code: "url-path", message: " is " + show(s), hint: "write a path that starts with one /"}
	}
	return finding{}
}

// show quotes a value from a file for a message: cut short, without control
// characters, and hidden where it looks like a secret.
func show(s string) string {
	if secretKind("", s) != "" {
		return "[hidden]"
	}
	const most = 60
	if len(s) > most {
		cut := most
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	return `"` + printable(s) + `"`
}

// nearest returns the candidate that a mistyped name most likely means, or "".
func nearest(name string, candidates []string) string {
	if len(name) > maxTyped {
		return ""
	}
	best, bestDistance := "", 4
	typed := plain(name)
	for _, c := range candidates {
		known := plain(c)
		limit := min(bestDistance-1, max(len(typed), len(known))/3)
		if len(typed)-len(known) > limit || len(known)-len(typed) > limit {
			continue // a file may hold a hundred thousand names that are nothing like it
		}
		if d := distance(typed, known); d <= limit {
			best, bestDistance = c, d
		}
	}
	return best
}

// maxTyped bounds the names that are compared.
const maxTyped = 40

// plain drops what people spell differently: localPort, local-port, LOCAL_PORT.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '_', '-', ' ':
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbours that lead from a to b (optimal string alignment). It compares
// bytes: the candidates are ASCII.
func distance(a, b string) int {
	rows := make([]int, 3*(len(b)+1))
	before, last, row := rows[:len(b)+1], rows[len(b)+1:2*(len(b)+1)], rows[2*(len(b)+1):]
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
