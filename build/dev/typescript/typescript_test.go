package typescript_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/portolan-app/portolan/build/dev/typescript"
)

const nouns = `package nouns

// Colour is a hue.
type Colour string

// The colours.
const (
	Red  Colour = "red"
	Blue Colour = "blue"
)

// Length marshals as text.
type Length int64

func (l Length) MarshalText() ([]byte, error) { return nil, nil }

type Base struct {
	Name string ` + "`json:\"name\"`" + `
}

// Thing is sent about.
//
// It has a second paragraph */ too.
type Thing struct {
	Base
	Colour  Colour            ` + "`json:\"colour,omitempty\"`" + ` // its hue
	Length  Length            ` + "`json:\"length\"`" + `
	At      time.Time         ` + "`json:\"at,omitzero\"`" + `
	Next    *Thing            ` + "`json:\"next\"`" + `
	Maybe   *Base             ` + "`json:\"maybe,omitempty\"`" + `
	Ports   []Port            ` + "`json:\"ports\"`" + `
	Words   map[string]string ` + "`json:\"words\"`" + `
	Raw     json.RawMessage   ` + "`json:\"raw\"`" + `
	Data    []byte            ` + "`json:\"data\"`" + `
	Hidden  Secret            ` + "`json:\"-\"`" + `
}

type Secret struct{ Untagged int }

type Unreached struct{ Untagged int }
`

const wire = `package wire

const Level = 7

type API interface {
	// Look looks.
	Look(ctx context.Context, names []string) (nouns.Thing, error)
	Forget(ctx context.Context, name string) error
}

type move struct {
	From string ` + "`json:\"from\"`" + `
}

type nothing struct{}

func routes(a API) map[string]route {
	return map[string]route{
		"look":   do(a.Look),
		"forget": tell(a.Forget),
		"move/it": do(func(ctx context.Context, q move) ([]*nouns.Base, error) { return nil, nil }),
		"bye":    tell(func(ctx context.Context, _ nothing) error { return nil }),
	}
}
`

const want = `// Made by ` + "`go run ./build/dev generate`" + ` from internal/portolan and internal/api. Do not edit.

/** The version of the wire that these types are of. */
export const level = 7;

/** Colour is a hue. */
export type Colour = "red" | "blue";

/** Length marshals as text. */
export type Length = string;

export interface Base {
  name: string;
}

/**
 * Thing is sent about.
 *
 * It has a second paragraph * / too.
 */
export interface Thing extends Base {
  /** its hue */
  colour?: Colour;
  length: Length;
  at?: string;
  next: Thing | null;
  maybe?: Base;
  ports: Array<number | string | null>;
  words: Record<string, string>;
  raw: unknown;
  data: string;
}

export interface MoveArguments {
  from: string;
}

/** Every method by its path: what its request holds, and what it answers. */
export interface Methods {
  "look": { body: string[]; answer: Thing };
  "forget": { body: string; answer: Record<string, never> };
  "move/it": { body: MoveArguments; answer: Base[] };
  "bye": { body: Record<string, never>; answer: Record<string, never> };
}
`

func write(t *testing.T, code string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.go"), []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestGenerate(t *testing.T) {
	got, err := typescript.Generate(write(t, nouns), write(t, wire))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("got:\n%s", got)
	}
}

func TestRefusals(t *testing.T) {
	for name, test := range map[string]struct{ nouns, wire, want string }{
		"a member without a tag": {strings.Replace(nouns, "Colour  Colour            `json:\"colour,omitempty\"`", "Colour Colour", 1), wire, "Thing.Colour has no json tag"},
		"no routes":              {nouns, "package wire", "no function routes"},
		"no Go":                  {nouns, "wire", "expected 'package'"},
	} {
		if _, err := typescript.Generate(write(t, test.nouns), write(t, test.wire)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
