package desktop

import (
	"strings"
	"testing"
)

// TestPolicy holds that the page reaches nothing but its own files: no address, no
// script that is not one of them, no frame and no form.
func TestPolicy(t *testing.T) {
	rules := map[string]string{}
	for rule := range strings.SplitSeq(policy, "; ") {
		name, value, _ := strings.Cut(rule, " ")
		rules[name] = value
	}
	for name, want := range map[string]string{
		"default-src": "'none'", "script-src": "'self'", "connect-src": "'self'", "form-action": "'none'",
		"base-uri": "'none'", "frame-ancestors": "'none'",
	} {
		if rules[name] != want {
			t.Errorf("%s is %q, want %q", name, rules[name], want)
		}
	}
	if strings.Contains(policy, "http") || strings.Contains(policy, "unsafe-eval") || strings.Contains(rules["script-src"], "unsafe") {
		t.Errorf("it lets in %s", policy)
	}
}
