package kube

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestFailures holds that every refused upgrade of FAILURES.md becomes the fault that
// it says there.
func TestFailures(t *testing.T) {
	page, err := os.ReadFile("../forward/FAILURES.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "## In answer to an upgrade\n")
	rows := regexp.MustCompile("(?m)^\\| .* \\| ([0-9]+) \\| `(.*)` \\| ([a-z-]+) \\|$").FindAllStringSubmatch(table, -1)
	if len(rows) < 5 {
		t.Fatalf("the table has %d rows", len(rows))
	}
	c := &Cluster{name: "test"}
	for _, r := range rows {
		status, err := strconv.Atoi(r[1])
		if err != nil {
			t.Fatal(err)
		}
		if got := c.refusalFault(status, r[2], "shop"); got.Code != r[3] || !strings.Contains(got.Message, r[2]) {
			t.Errorf("%d %s: %s (%v), want %s", status, r[2], got.Code, got, r[3])
		}
	}
}
