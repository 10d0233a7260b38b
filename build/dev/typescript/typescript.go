// Package typescript writes the types of the wire for the front end: what
// internal/api's routes take and answer, and the nouns that these lead to.
//
// It reads the sources as text and needs no compiled package. What a type's JSON
// looks like follows from its declaration: members by their json tags, omitempty
// and omitzero as optional, a string type with constants as the union of them. A
// type that marshals itself is in [custom], or is text.
package typescript

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// custom are the types whose JSON does not follow from their declaration.
var custom = map[string]string{
	"Time": "string", "RawMessage": "unknown", "Port": "number | string | null", "nothing": "Record<string, never>",
	"bool": "boolean", "string": "string", "any": "unknown", "int": "number", "int64": "number", "uint64": "number",
	"int32": "number", "float64": "number",
}

// sources is what the declarations say.
type sources struct {
	types     map[string]*ast.TypeSpec
	docs      map[string]string
	order     []string            // of types, as the files have them
	constants map[string][]string // values by string type
	text      map[string]bool     // types with MarshalText
	routes    []route
	level     string
}

type route struct{ method, body, answer string }

// Generate returns the TypeScript for the packages in dirs, of which one is
// internal/api's.
func Generate(dirs ...string) ([]byte, error) {
	s := &sources{types: map[string]*ast.TypeSpec{}, docs: map[string]string{}, constants: map[string][]string{}, text: map[string]bool{}}
	var literals []*ast.CompositeLit
	for _, dir := range dirs {
		names, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			return nil, err
		}
		for _, name := range slices.Sorted(slices.Values(names)) {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			code, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, code, parser.ParseComments)
			if err != nil {
				return nil, err
			}
			literals = append(literals, s.read(file)...)
		}
	}
	for _, literal := range literals {
		s.readRoutes(literal)
	}
	if len(s.routes) == 0 {
		return nil, fmt.Errorf("no function routes in %s", strings.Join(dirs, ", "))
	}
	return s.write()
}

// read collects a file's declarations, and returns what function routes returns.
func (s *sources) read(file *ast.File) (literals []*ast.CompositeLit) {
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil && d.Name.Name == "MarshalText" {
				s.text[name(d.Recv.List[0].Type)] = true
			} else if d.Name.Name == "routes" {
				literals = append(literals, d.Body.List[0].(*ast.ReturnStmt).Results[0].(*ast.CompositeLit))
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				s.readSpec(d, spec)
			}
		}
	}
	return literals
}

func (s *sources) readSpec(d *ast.GenDecl, spec ast.Spec) {
	switch v := spec.(type) {
	case *ast.TypeSpec:
		// Of one name in two packages, the later package's is the wire's.
		s.order = slices.DeleteFunc(s.order, func(n string) bool { return n == v.Name.Name })
		s.types[v.Name.Name] = v
		s.order = append(s.order, v.Name.Name)
		s.docs[v.Name.Name] = v.Doc.Text()
		if len(d.Specs) == 1 {
			s.docs[v.Name.Name] = d.Doc.Text()
		}
	case *ast.ValueSpec:
		if len(v.Values) != 1 {
			return
		}
		literal, ok := v.Values[0].(*ast.BasicLit)
		switch {
		case d.Tok != token.CONST || !ok:
		case v.Type != nil:
			s.constants[name(v.Type)] = append(s.constants[name(v.Type)], literal.Value)
		case v.Names[0].Name == "Level":
			s.level = literal.Value
		}
	}
}

// readRoutes reads entries such as
//
//	"start": do(a.Start)
//	"edit":  do(func(ctx context.Context, q editEntry) (portolan.ForwardView, error) {…})
func (s *sources) readRoutes(literal *ast.CompositeLit) {
	for _, element := range literal.Elts {
		pair := element.(*ast.KeyValueExpr)
		r := route{body: "nothing", answer: "nothing"}
		r.method, _ = strconv.Unquote(pair.Key.(*ast.BasicLit).Value)
		var signature *ast.FuncType
		switch f := pair.Value.(*ast.CallExpr).Args[0].(type) {
		case *ast.FuncLit:
			signature = f.Type
		case *ast.SelectorExpr:
			for _, m := range s.types["API"].Type.(*ast.InterfaceType).Methods.List {
				if len(m.Names) == 1 && m.Names[0].Name == f.Sel.Name {
					signature = m.Type.(*ast.FuncType)
				}
			}
		}
		r.body = s.typeOf(signature.Params.List[1].Type)
		r.answer = s.typeOf(&ast.Ident{Name: "nothing"})
		if results := signature.Results.List; len(results) == 2 {
			r.answer = s.typeOf(results[0].Type)
		}
		s.routes = append(s.routes, r)
	}
}

// name is the last word of a type's name: Commit for *portolan.Commit.
func name(e ast.Expr) string {
	switch t := e.(type) {
	case *ast.Ident:
		return t.Name
	case *ast.StarExpr:
		return name(t.X)
	case *ast.SelectorExpr:
		return t.Sel.Name
	}
	return ""
}

// typeOf is a type expression in TypeScript.
func (s *sources) typeOf(e ast.Expr) string {
	switch t := e.(type) {
	case *ast.StarExpr:
		return s.typeOf(t.X)
	case *ast.MapType:
		return "Record<string, " + s.typeOf(t.Value) + ">"
	case *ast.ArrayType:
		if name(t.Elt) == "byte" {
			return "string" // base64
		}
		if element := s.typeOf(t.Elt); !strings.Contains(element, " ") {
			return element + "[]"
		}
		return "Array<" + s.typeOf(t.Elt) + ">"
	}
	n := name(e)
	if known, ok := custom[n]; ok {
		return known
	}
	if !ast.IsExported(n) {
		return strings.ToUpper(n[:1]) + n[1:] + "Arguments"
	}
	return n
}

func (s *sources) write() ([]byte, error) {
	var out strings.Builder
	fmt.Fprintln(&out, "// Made by `go run ./build/dev generate` from internal/portolan and internal/api. Do not edit.")
	fmt.Fprintf(&out, "\n/** The version of the wire that these types are of. */\nexport const level = %s;\n", s.level)
	reached := map[string]bool{}
	for _, r := range s.routes {
		s.reach(r.body, reached)
		s.reach(r.answer, reached)
	}
	for _, n := range s.order {
		if shown := s.typeOf(&ast.Ident{Name: n}); reached[shown] {
			if err := s.declare(&out, shown, n); err != nil {
				return nil, err
			}
		}
	}
	fmt.Fprint(&out, "\n/** Every method by its path: what its request holds, and what it answers. */\nexport interface Methods {\n")
	for _, r := range s.routes {
		fmt.Fprintf(&out, "  %q: { body: %s; answer: %s };\n", r.method, r.body, r.answer)
	}
	fmt.Fprintln(&out, "}")
	return []byte(out.String()), nil
}

// reach marks the types that a TypeScript type leads to.
func (s *sources) reach(shown string, reached map[string]bool) {
	for _, n := range s.order {
		written := s.typeOf(&ast.Ident{Name: n})
		if reached[written] || !slices.Contains(strings.FieldsFunc(shown, func(r rune) bool { return strings.ContainsRune("<>[], |", r) }), written) {
			continue
		}
		reached[written] = true
		if t, ok := s.types[n].Type.(*ast.StructType); ok && !s.text[n] {
			for _, f := range t.Fields.List {
				if slices.Equal(tag(f), []string{"-"}) {
					continue
				}
				s.reach(s.typeOf(f.Type), reached)
			}
		} else if !s.text[n] {
			s.reach(s.typeOf(s.types[n].Type), reached)
		}
	}
}

func (s *sources) declare(out *strings.Builder, shown, n string) error {
	fmt.Fprintln(out)
	comment(out, "", s.docs[n])
	t, ok := s.types[n].Type.(*ast.StructType)
	switch {
	case s.text[n]:
		fmt.Fprintf(out, "export type %s = string;\n", shown)
		return nil
	case !ok && s.constants[n] != nil:
		fmt.Fprintf(out, "export type %s = %s;\n", shown, strings.Join(s.constants[n], " | "))
		return nil
	case !ok:
		fmt.Fprintf(out, "export type %s = %s;\n", shown, s.typeOf(s.types[n].Type))
		return nil
	}
	var members strings.Builder
	var bases []string
	for _, f := range t.Fields.List {
		if f.Tag == nil && len(f.Names) == 0 {
			bases = append(bases, s.typeOf(f.Type))
			continue
		}
		if err := s.member(&members, n, f); err != nil {
			return err
		}
	}
	extends := ""
	if bases != nil {
		extends = " extends " + strings.Join(bases, ", ")
	}
	fmt.Fprintf(out, "export interface %s%s {\n%s}\n", shown, extends, members.String())
	return nil
}

func (s *sources) member(out *strings.Builder, owner string, f *ast.Field) error {
	if f.Tag == nil {
		return fmt.Errorf("%s.%s has no json tag", owner, f.Names[0])
	}
	parts := tag(f)
	if parts[0] == "-" {
		return nil
	}
	comment(out, "  ", f.Doc.Text()+f.Comment.Text())
	optional := ""
	if slices.Contains(parts, "omitempty") || slices.Contains(parts, "omitzero") {
		optional = "?"
	}
	written := s.typeOf(f.Type)
	if _, pointer := f.Type.(*ast.StarExpr); pointer && optional == "" {
		written += " | null"
	}
	fmt.Fprintf(out, "  %s%s: %s;\n", parts[0], optional, written)
	return nil
}

// tag is what a member's json tag says: its name and options.
func tag(f *ast.Field) []string {
	if f.Tag == nil {
		return nil
	}
	text, _ := strconv.Unquote(f.Tag.Value)
	return strings.Split(reflect.StructTag(text).Get("json"), ",")
}

// comment writes a doc comment; Go's is plain text, so that it needs no escaping but one.
func comment(out *strings.Builder, indent, text string) {
	text = strings.ReplaceAll(strings.TrimSpace(text), "*/", "* /")
	lines := strings.Split(text, "\n")
	switch {
	case text == "":
	case len(lines) == 1:
		fmt.Fprintf(out, "%s/** %s */\n", indent, text)
	default:
		fmt.Fprintf(out, "%s/**\n", indent)
		for _, line := range lines {
			fmt.Fprintln(out, strings.TrimRight(indent+" * "+line, " "))
		}
		fmt.Fprintf(out, "%s */\n", indent)
	}
}
