package portolan

import (
	"strings"
	"testing"
	"time"
)

func TestValidateSource(t *testing.T) {
	ok := SourceConfig{Name: "team"}
	tests := []struct {
		name   string
		change func(*SourceConfig)
		code   string
	}{
		{"defaults", func(*SourceConfig) {}, ""},
		{"every choice", func(c *SourceConfig) {
			c.Layout, c.OnMissing, c.OnInvalid, c.OnEdit = "single", FailMissing, SkipEntry, KeepUntilChanged
		}, ""},
		{"least interval", func(c *SourceConfig) { c.Interval = Duration(10 * time.Second) }, ""},
		{"shorter interval", func(c *SourceConfig) { c.Interval = Duration(9 * time.Second) }, "setting-value"},
		{"negative interval", func(c *SourceConfig) { c.Interval = Duration(-time.Second) }, "setting-value"},
		{"negative timeout", func(c *SourceConfig) { c.Timeout = Duration(-time.Second) }, "setting-value"},
		{"layout", func(c *SourceConfig) { c.Layout = "tree" }, "setting-value"},
		{"on_missing", func(c *SourceConfig) { c.OnMissing = "drop" }, "setting-value"},
		{"on_invalid", func(c *SourceConfig) { c.OnInvalid = "drop" }, "setting-value"},
		{"on_edit", func(c *SourceConfig) { c.OnEdit = "mine-wins" }, "setting-value"},
		{"verified", func(c *SourceConfig) { c.RequireVerified, c.Signers = true, []string{"ada@acme.example"} }, ""},
		{"enabled", func(c *SourceConfig) { c.Enabled, c.Protected = []string{"dev*"}, []string{"prod"} }, ""},
		{"enabled is no glob", func(c *SourceConfig) { c.Enabled = []string{"[dev"} }, "setting-value"},
		{"protected is no glob", func(c *SourceConfig) { c.Protected = []string{"[dev"} }, "setting-value"},
		{"verified by nobody", func(c *SourceConfig) { c.RequireVerified = true }, "setting-value"},
		{"a signer without an address", func(c *SourceConfig) { c.Signers = []string{"ada"} }, "setting-value"},
		{"a signer of two lines", func(c *SourceConfig) { c.Signers = []string{"ada@acme.example\nbo@acme.example"} }, "setting-value"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := ok
			tt.change(&c)
			err := c.Validate()
			if tt.code == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if f := AsFault(err); f == nil || f.Code != tt.code || f.Kind != Usage {
				t.Errorf("got %+v", f)
			}
		})
	}
	if err := (SourceConfig{Name: "mine"}).Validate(); err == nil {
		t.Error("a source may not be called mine")
	}
}

func TestTrusts(t *testing.T) {
	ada := SourceConfig{RequireVerified: true, Signers: []string{"ada@acme.example"}}
	tests := []struct {
		name   string
		config SourceConfig
		commit Commit
		said   string // "" = taken
	}{
		{"anybody", SourceConfig{Signers: ada.Signers}, Commit{}, ""},
		{"a signer", ada, Commit{Verification: "valid", Signer: "Ada@Acme.example"}, ""},
		{"the host said nothing", ada, Commit{Signer: "ada@acme.example"}, "says nothing of its signature"},
		{"unsigned", ada, Commit{Verification: "unsigned", Signer: "ada@acme.example"}, `says "unsigned" of its signature`},
		{"somebody else", ada, Commit{Verification: "valid", Signer: "bo@acme.example"}, "signed by bo@acme.example"},
		{"GitHub's own pages", ada, Commit{Verification: "valid", Signer: "noreply@github.com"}, "signed by noreply@github.com"},
		{"no address", ada, Commit{Verification: "valid"}, "signed by nobody named"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.commit.SHA = "a41f9c2aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			err := tt.config.Trusts(tt.commit)
			if tt.said == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if f := AsFault(err); f == nil || f.Code != CodeUnverified || !strings.Contains(f.Message, tt.said) {
				t.Errorf("got %+v", f)
			}
		})
	}
}
