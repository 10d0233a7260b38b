package portolan_test

import (
	"testing"

	"github.com/portolan-app/portolan/internal/portolan"
)

func TestOneLine(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "",
		" shop ":                    " shop ",
		"a\nb\r\tc\u2028d\u00a0e":   "a b  c d e",
		"\u202egnp.exe\u2066\u200f": "gnp.exe",
		"\x00\x1b[31mred\ue000":     "[31mred",
		"😀\u200d😀":                  "😀\u200d😀",
		"\xff\xfe":                  "\ufffd",
	} {
		if got := portolan.OneLine(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
