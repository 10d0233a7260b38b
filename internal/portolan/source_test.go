package portolan

import (
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
