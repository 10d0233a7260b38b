package portolan

import (
	"bytes"
	"encoding/json"
)

//go:generate go test -run TestSchemaFile -update

// SchemaURL names the published JSON Schema of environment files.
const SchemaURL = "https://raw.githubusercontent.com/portolan-app/portolan/main/internal/portolan/environment.schema.json"

// schemaNode is the part of JSON Schema 2020-12 that is used here.
type schemaNode struct {
	Schema      string                 `json:"$schema,omitempty"`
	ID          string                 `json:"$id,omitempty"`
	Ref         string                 `json:"$ref,omitempty"`
	Title       string                 `json:"title,omitempty"`
	Description string                 `json:"description,omitempty"`
	Type        any                    `json:"type,omitempty"`
	Enum        []any                  `json:"enum,omitempty"`
	AnyOf       []*schemaNode          `json:"anyOf,omitempty"`
	Not         *schemaNode            `json:"not,omitempty"`
	Properties  *schemaProperties      `json:"properties,omitempty"`
	Required    []string               `json:"required,omitempty"`
	Items       *schemaNode            `json:"items,omitempty"`
	MaxItems    int                    `json:"maxItems,omitempty"`
	Pattern     string                 `json:"pattern,omitempty"`
	MaxLength   int                    `json:"maxLength,omitempty"`
	Minimum     *int                   `json:"minimum,omitempty"`
	Maximum     *int                   `json:"maximum,omitempty"`
	Defs        map[string]*schemaNode `json:"$defs,omitempty"`
}

// schemaProperties keep their order: an editor offers them in it.
type schemaProperties []schemaProperty

type schemaProperty struct {
	name string
	node *schemaNode
}

func (p schemaProperties) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, property := range p {
		if i > 0 {
			out = append(out, ',')
		}
		node, err := json.Marshal(property.node)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, quote(property.name)...), ':'), node...)
	}
	return append(out, '}'), nil
}

// Schema is the JSON Schema (draft 2020-12) of environment files, made from
// [Fields]. It accepts every file that [Parse] has nothing to say about; what
// fields require of each other is left to Parse.
func Schema() []byte {
	entry := &schemaNode{Type: "object", Title: "One port-forward", Properties: &schemaProperties{
		{"$schema", &schemaNode{Type: "string"}},
	}}
	for i := range fieldTable {
		r := &fieldTable[i]
		*entry.Properties = append(*entry.Properties, schemaProperty{r.Name, r.schema()})
	}
	text := &schemaNode{Type: []string{"string", "null"}, MaxLength: maxStringBytes}
	info := &schemaNode{Type: "object", Title: "What the environment is", Properties: &schemaProperties{
		{"title", text}, {"description", text},
		{"color", &schemaNode{Type: []string{"string", "null"}, Pattern: `^(#[0-9A-Fa-f]{3}|#[0-9A-Fa-f]{6}|[a-z]{0,20})$`}},
		{"protected", flagSchema()}, {"order", &schemaNode{Type: "integer"}},
	}}
	list := &schemaNode{Type: "array", Items: &schemaNode{Ref: "#/$defs/entry"}, MaxItems: MaxEntries}
	properties := &schemaProperties{{"$schema", &schemaNode{}}, {"environment", &schemaNode{Ref: "#/$defs/environment"}}, {"forwards", list}}
	document := func(required string) *schemaNode {
		return &schemaNode{Title: "A document", Type: "object", Properties: properties, Required: []string{required}}
	}
	root := &schemaNode{
		Schema: "https://json-schema.org/draft/2020-12/schema", ID: SchemaURL,
		Title:       "Portolan environment file",
		Description: "The port-forwards of one environment: an array of entries, one entry, or a document.",
		AnyOf: []*schemaNode{list, document("forwards"), document("environment"), {
			Ref: "#/$defs/entry",
			Not: &schemaNode{AnyOf: []*schemaNode{{Required: []string{"forwards"}}, {Required: []string{"environment"}}}},
		}},
		Defs: map[string]*schemaNode{"entry": entry, "environment": info},
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(root); err != nil {
		panic("portolan: the schema does not marshal: " + err.Error()) // plain data by construction
	}
	return out.Bytes()
}

func (r *fieldRule) schema() *schemaNode {
	n := &schemaNode{Description: r.Description}
	low, high := 0, 65535
	switch r.Type {
	case TypeBoolean:
		n.AnyOf = flagSchema().AnyOf
	case TypeInteger:
		n.Type, n.Minimum = []string{"integer", "null"}, &low
		if !r.Kept {
			n.Maximum = &high
		}
	case TypePort:
		n.AnyOf = []*schemaNode{
			{Type: "integer", Minimum: &low, Maximum: &high},
			{Type: "string", Pattern: `^([-a-z0-9]{0,63}|[+]?[0-9]+)$`},
			{Type: "null"},
		}
	case TypeStrings:
		n.Type, n.Items = []string{"array", "null"}, &schemaNode{Type: "string", MaxLength: maxStringBytes}
	case TypeString:
		r.stringSchema(n)
	}
	return n
}

// stringSchema offers the values that mean something first; what is read as
// absent is accepted beside them.
func (r *fieldRule) stringSchema(n *schemaNode) {
	absent := []any{"", nil}
	for _, placeholder := range r.absent {
		absent = append(absent, placeholder)
	}
	switch {
	case r.Enum != nil:
		values := make([]any, len(r.Enum))
		for i, v := range r.Enum {
			values[i] = v
		}
		n.AnyOf = []*schemaNode{{Enum: values}, {Enum: absent}}
	case r.pattern != "":
		n.AnyOf = []*schemaNode{{Type: "string", Pattern: r.pattern, MaxLength: maxStringBytes}, {Enum: absent}}
	default:
		n.Type, n.MaxLength = []string{"string", "null"}, maxStringBytes
	}
}

func flagSchema() *schemaNode {
	return &schemaNode{AnyOf: []*schemaNode{{Type: "boolean"}, {Enum: []any{"true", "false", nil}}}}
}
