package portolan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// FieldType is the JSON type of a field.
type FieldType string

// The types of field. A port is a number or a name.
const (
	TypeString  FieldType = "string"
	TypeInteger FieldType = "integer"
	TypeBoolean FieldType = "boolean"
	TypePort    FieldType = "port"
	TypeStrings FieldType = "strings"
)

// Field describes one field that an entry may have. The parser, [Diff],
// [Entry.With], the schema and the flags of the command line all follow
// [Fields].
type Field struct {
	Name        string
	Type        FieldType
	Enum        []string // the values allowed; nil for any
	Description string   // one sentence for a person

	// Kept marks kftray's fields that are read, kept in [Entry.Rest] and written
	// back, but, except for auto_loopback_address, not acted on.
	Kept bool
}

// fieldRule is a Field with its rules.
type fieldRule struct {
	Field
	ref     func(*Entry) any     // *string, *int, *Port or *[]string; nil for a kept field
	absent  []string             // placeholders that kftray's database writes for an absent value
	check   func(string) finding // of a value that is not empty
	pattern string               // for the schema: accepts at least what check accepts
	effect  bool                 // of a kept field: true asks for something that is not done yet
	limits  string               // of a kept field that is acted on: what is worth knowing where it is true
}

const (
	labelPattern     = `^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	subdomainPattern = `^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$`
)

// fieldTable is the one list of fields: Entry's in the order of its struct, then
// the kept ones.
var fieldTable = []fieldRule{
	{Field: Field{Name: "alias", Type: TypeString, Description: "The name that people see, and the first choice for the entry's identity."},
		ref: func(e *Entry) any { return &e.Alias }, absent: []string{"default-alias"}},
	{Field: Field{Name: "workload_type", Type: TypeString, Description: "What kind of object is forwarded to; service if absent.",
		Enum: []string{"service", "pod", "deployment", "statefulset", "daemonset", "replicaset", "job", "proxy", "expose"}},
		ref: func(e *Entry) any { return (*string)(&e.WorkloadType) }, absent: []string{"default-workload"}},
	{Field: Field{Name: "service", Type: TypeString, Description: "The name of the service, or of the named workload."},
		ref: func(e *Entry) any { return &e.Service }, absent: []string{"default-service"}, check: checkSubdomain, pattern: subdomainPattern},
	{Field: Field{Name: "target", Type: TypeString, Description: "A label selector, for workload_type pod: app=api,tier=web."},
		ref: func(e *Entry) any { return &e.Target }, absent: []string{"default-target"}, check: checkSelector},
	{Field: Field{Name: "pod_name", Type: TypeString, Description: "A pod's exact name, for workload_type pod."},
		ref: func(e *Entry) any { return &e.PodName }, check: checkSubdomain, pattern: subdomainPattern},
	{Field: Field{Name: "namespace", Type: TypeString, Description: "The namespace; the context's own if absent."},
		ref: func(e *Entry) any { return &e.Namespace }, absent: []string{"default-namespace"}, check: checkLabel, pattern: labelPattern},
	{Field: Field{Name: "context", Type: TypeString,
		Description: "The kubeconfig context; if absent, what each person has mapped for the environment."},
		ref: func(e *Entry) any { return &e.Context }, absent: []string{"current-context"}},
	{Field: Field{Name: "remote_port", Type: TypePort, Description: "The port to reach, by number or by name: a service's port, or a pod's."},
		ref: func(e *Entry) any { return &e.RemotePort }},
	{Field: Field{Name: "local_port", Type: TypeInteger, Description: "The port on each person's machine; 0 or absent picks a free one once."},
		ref: func(e *Entry) any { return &e.LocalPort }},
	{Field: Field{Name: "local_address", Type: TypeString,
		Description: "The address to listen on: localhost if absent, or an IP address. One beyond loopback asks each person first."},
		ref: func(e *Entry) any { return &e.LocalAddress }, check: checkAddress, pattern: `^(localhost|[0-9A-Fa-f:.]+(%.+)?)$`},
	{Field: Field{Name: "protocol", Type: TypeString, Description: "The transport; tcp if absent. udp is not supported yet.", Enum: []string{"tcp", "udp"}},
		ref: func(e *Entry) any { return (*string)(&e.Protocol) }, absent: []string{"protocol"}},
	{Field: Field{Name: "remote_address", Type: TypeString, Description: "For workload_type proxy, which is not supported yet: a host reached through the cluster."},
		ref: func(e *Entry) any { return &e.RemoteAddress }, absent: []string{"default-remote-address"}, check: checkHost, pattern: `^[^\s/@]+$`},
	{Field: Field{Name: "tags", Type: TypeStrings, Description: "Words to group entries by."},
		ref: func(e *Entry) any { return &e.Tags }},
	{Field: Field{Name: "description", Type: TypeString, Description: "A text for people."},
		ref: func(e *Entry) any { return &e.Description }},
	{Field: Field{Name: "url_path", Type: TypeString, Description: "The path that opens in the browser; starts with /."},
		ref: func(e *Entry) any { return &e.URLPath }, check: checkURLPath, pattern: `^/`},
	{Field: Field{Name: "scheme", Type: TypeString, Description: "The scheme that opens in the browser; http if absent.", Enum: []string{"http", "https"}},
		ref: func(e *Entry) any { return &e.Scheme }},

	{Field: Field{Name: "domain_enabled", Type: TypeBoolean, Kept: true, Description: "kftray: write the alias to the hosts file."}, effect: true},
	{Field: Field{Name: "auto_loopback_address", Type: TypeBoolean, Kept: true, Description: "Listen on a loopback address of the entry's own; on Linux only for now."},
		limits: "on Linux the forward listens on a 127.x.y.z of its own, elsewhere on localhost"},
	{Field: Field{Name: "http_logs_enabled", Type: TypeBoolean, Kept: true, Description: "kftray: write HTTP traffic to a log."}, effect: true},
	{Field: Field{Name: "http_logs_max_file_size", Type: TypeInteger, Kept: true, Description: "kftray: size of an HTTP log in bytes."}},
	{Field: Field{Name: "http_logs_retention_days", Type: TypeInteger, Kept: true, Description: "kftray: days that HTTP logs are kept."}},
	{Field: Field{Name: "http_logs_auto_cleanup", Type: TypeBoolean, Kept: true, Description: "kftray: delete old HTTP logs."}},
	{Field: Field{Name: "exposure_type", Type: TypeString, Kept: true, Description: "kftray: how workload_type expose exposes."}},
	{Field: Field{Name: "cert_manager_enabled", Type: TypeBoolean, Kept: true, Description: "kftray: ask cert-manager for a certificate."}},
	{Field: Field{Name: "cert_issuer", Type: TypeString, Kept: true, Description: "kftray: the certificate's issuer."}},
	{Field: Field{Name: "cert_issuer_kind", Type: TypeString, Kept: true, Description: "kftray: the kind of the issuer."}},
	{Field: Field{Name: "ingress_class", Type: TypeString, Kept: true, Description: "kftray: the ingress class."}},
	{Field: Field{Name: "ingress_annotations", Type: TypeString, Kept: true, Description: "kftray: a JSON object in a string."}},
}

// ignoredFields are read and dropped: they say something about one person's
// machine. The value is why.
var ignoredFields = map[string]string{
	"id":         "it is a row of one person's kftray database",
	"kubeconfig": "it is a path on one person's machine",
}

var fieldIndex = func() map[string]*fieldRule {
	index := make(map[string]*fieldRule, len(fieldTable))
	for i := range fieldTable {
		index[fieldTable[i].Name] = &fieldTable[i]
	}
	return index
}()

var fieldNames = func() []string {
	names := make([]string, len(fieldTable))
	for i, rule := range fieldTable {
		names[i] = rule.Name
	}
	return names
}()

// Fields lists every field that has a meaning: those of [Entry] in its order,
// then the kept ones.
func Fields() []Field {
	fields := make([]Field, len(fieldTable))
	for i, rule := range fieldTable {
		fields[i] = rule.Field
		fields[i].Enum = slices.Clone(rule.Enum)
	}
	return fields
}

// decode sets the rule's field of e from a JSON value. It judges the type only;
// see [fieldRule.judge].
func (r *fieldRule) decode(e *Entry, n *node) finding {
	ref := r.ref(e)
	if n.kind == 'n' {
		return finding{}
	}
	switch ref := ref.(type) {
	case *string:
		if n.kind != '"' {
			return r.wrongType("a string", n)
		}
		if !slices.Contains(r.absent, n.text) {
			*ref = n.text
		}
	case *int:
		v, err := strconv.Atoi(n.text)
		if n.kind == '"' && err == nil {
			return finding{field: r.Name, severity: SeverityError, code: "field-type",
				message: fmt.Sprintf("%s is the string %s", r.Name, show(n.text)), hint: "write the number without quotes"}
		}
		if n.kind != '0' || err != nil {
			return r.wrongType("a whole number", n)
		}
		*ref = v
	case *Port:
		return r.decodePort(ref, n)
	case *[]string:
		if n.kind != '[' {
			return r.wrongType("a list of strings", n)
		}
		for i := range n.kids {
			if n.kids[i].kind != '"' {
				return r.wrongType("a list of strings", &n.kids[i])
			}
			*ref = append(*ref, n.kids[i].text)
		}
	}
	return finding{}
}

func (r *fieldRule) decodePort(port *Port, n *node) finding {
	v, err := strconv.Atoi(n.text)
	switch {
	case n.kind == '"' && err == nil, n.kind == '0' && err == nil:
		port.Number = v
	case n.kind == '"':
		port.Name = n.text
	default:
		return r.wrongType("a port number or a port's name", n)
	}
	return finding{}
}

func (r *fieldRule) wrongType(want string, n *node) finding {
	return finding{field: r.Name, severity: SeverityError, code: "field-type",
		message: fmt.Sprintf("%s is %s", r.Name, n.what()), hint: "write " + want}
}

// what says what a value is, for a message.
func (n *node) what() string {
	switch n.kind {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "the string " + show(n.text)
	case '0':
		return "the number " + show(n.text)
	case 't':
		return "true"
	case 'f':
		return "false"
	}
	return "null"
}

// raw is the JSON value of the rule's field, or nil for an absent one.
func (r *fieldRule) raw(e *Entry) json.RawMessage {
	switch v := r.ref(e).(type) {
	case *string:
		if *v != "" {
			return quote(*v)
		}
	case *int:
		if *v != 0 {
			return strconv.AppendInt(nil, int64(*v), 10)
		}
	case *Port:
		if v.Number != 0 {
			return strconv.AppendInt(nil, int64(v.Number), 10)
		}
		if v.Name != "" {
			return quote(v.Name)
		}
	case *[]string:
		if len(*v) == 0 {
			return nil
		}
		list := []byte{'['}
		for i, s := range *v {
			if i > 0 {
				list = append(list, ',')
			}
			list = append(list, quote(s)...)
		}
		return append(list, ']')
	}
	return nil
}

// quote writes a JSON string. Bytes that are no UTF-8 become U+FFFD, as
// encoding/json has it.
func quote(s string) json.RawMessage {
	q, _ := jsontext.AppendQuote(nil, s)
	return q
}

// same reports whether the rule's field is equal in both.
func (r *fieldRule) same(a, b *Entry) bool {
	switch v := r.ref(a).(type) {
	case *string:
		return *v == *r.ref(b).(*string)
	case *int:
		return *v == *r.ref(b).(*int)
	case *Port:
		return *v == *r.ref(b).(*Port)
	case *[]string:
		return slices.Equal(*v, *r.ref(b).(*[]string))
	}
	return false
}

// rest returns the value of a member of Rest, or nil.
func (e *Entry) rest(name string) json.RawMessage {
	for _, m := range e.Rest {
		if m.Name == name {
			return m.Value
		}
	}
	return nil
}

// Diff lists the fields that differ: Entry's own in their order, then the
// members of Rest by before's order, then after's. The order of the members
// within Rest does not matter. No change gives nil.
func Diff(before, after Entry) []FieldChange {
	var changes []FieldChange
	for i := range fieldTable {
		r := &fieldTable[i]
		if r.ref != nil && !r.same(&before, &after) {
			changes = append(changes, FieldChange{Name: r.Name, Before: r.raw(&before), After: r.raw(&after)})
		}
	}
	for _, m := range before.Rest {
		if now := after.rest(m.Name); !bytes.Equal(m.Value, now) {
			changes = append(changes, FieldChange{Name: m.Name, Before: m.Value, After: now})
		}
	}
	for _, m := range after.Rest {
		if before.rest(m.Name) == nil {
			changes = append(changes, FieldChange{Name: m.Name, After: m.Value})
		}
	}
	return changes
}

// Equal reports whether the two say the same: [Diff] would be empty. It is written
// out, because 10,000 entries are compared whenever a few may have changed.
func (e Entry) Equal(o Entry) bool {
	if e.Alias != o.Alias || e.WorkloadType != o.WorkloadType || e.Service != o.Service || e.Target != o.Target ||
		e.PodName != o.PodName || e.Namespace != o.Namespace || e.Context != o.Context || e.RemotePort != o.RemotePort ||
		e.LocalPort != o.LocalPort || e.LocalAddress != o.LocalAddress || e.Protocol != o.Protocol ||
		e.RemoteAddress != o.RemoteAddress || !slices.Equal(e.Tags, o.Tags) || e.Description != o.Description ||
		e.URLPath != o.URLPath || e.Scheme != o.Scheme || len(e.Rest) != len(o.Rest) {
		return false
	}
	for _, m := range e.Rest {
		if !bytes.Equal(m.Value, o.rest(m.Name)) {
			return false
		}
	}
	return true
}

// With returns a copy of e in which one field has another value; null clears it.
// The name is one of [Fields], or that of a member that e already has in Rest.
// The error is a [Usage] fault, "field-unknown" or "field-value". What fields
// require of each other is for [Validate] to say, when all are set.
func (e Entry) With(name string, value json.RawMessage) (Entry, error) {
	rule := fieldIndex[name]
	if rule == nil && e.rest(name) == nil {
		return e, unknownField(name)
	}
	n, bad := readTree(value)
	if bad != nil {
		return e, &Fault{Kind: Usage, Code: "field-value", Message: name + ": the value is not JSON: " + bad.message, Hint: bad.hint}
	}
	if rule == nil || rule.Kept {
		e.Rest = withMember(e.Rest, name, n, value)
		return e, nil
	}
	rule.clear(&e)
	problem := rule.decode(&e, n)
	if problem.code == "" {
		problem = rule.judge(&e)
	}
	if problem.severity == SeverityError {
		return e, &Fault{Kind: Usage, Code: "field-value", Message: problem.message, Hint: problem.hint}
	}
	return e, nil
}

func (r *fieldRule) clear(e *Entry) {
	switch v := r.ref(e).(type) {
	case *string:
		*v = ""
	case *int:
		*v = 0
	case *Port:
		*v = Port{}
	case *[]string:
		*v = nil // not cut short: the copy shares the array
	}
}

func withMember(rest []Member, name string, n *node, value json.RawMessage) []Member {
	i := slices.IndexFunc(rest, func(m Member) bool { return m.Name == name })
	rest = slices.Clone(rest)
	switch {
	case n.kind == 'n' && i >= 0:
		return slices.Delete(rest, i, i+1)
	case n.kind == 'n':
		return rest
	case i < 0:
		return append(rest, Member{name, normal(value)})
	}
	rest[i].Value = normal(value)
	return rest
}

// normal is a JSON value without white space and with the shortest strings, so
// that equal values are equal bytes also after a trip through encoding/json,
// which escapes <, > and &. Numbers stay as written.
func normal(value []byte) json.RawMessage {
	out, err := jsontext.AppendFormat(nil, value, jsontext.AllowDuplicateNames(true))
	if err != nil {
		return bytes.Clone(value) // not JSON: the caller has said so already
	}
	return out
}

func unknownField(name string) *Fault {
	f := &Fault{Kind: Usage, Code: "field-unknown", Message: fmt.Sprintf("an entry has no field %s", show(name))}
	if why, ok := ignoredFields[name]; ok {
		f.Message, f.Hint = fmt.Sprintf("the field %s is never used", show(name)), why
	} else if near := nearest(name, fieldNames); near != "" {
		f.Hint = fmt.Sprintf("did you mean %s?", near)
	} else {
		f.Hint = "the fields are " + strings.Join(fieldNames, ", ")
	}
	return f
}
