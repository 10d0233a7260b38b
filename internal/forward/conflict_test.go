package forward

import (
	"net/netip"
	"strings"
	"syscall"
	"testing"
)

func at(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

func TestConflictFault(t *testing.T) {
	both := []netip.AddrPort{at("127.0.0.1:80"), at("[::1]:80")}
	tests := []struct {
		name string
		c    conflict
		says string // the message
		hint string
	}{
		{"nobody is known", conflict{err: &takenError{both}}, "local port 80 is taken",
			"stop that, or choose another local port"},
		{"both families of one program", conflict{err: &takenError{both}, free: 8081,
			holders: []Holder{{at("127.0.0.1:80"), "nginx (pid 8)"}, {at("[::1]:80"), "nginx (pid 8)"}}},
			"local port 80 is taken by nginx (pid 8) on 127.0.0.1 and ::1", "stop that, or use a free one, such as 8081"},
		{"a program for each family", conflict{err: &takenError{both},
			holders: []Holder{{at("127.0.0.1:80"), "nginx (pid 8)"}, {at("[::1]:80"), "node (pid 9)"}}},
			"local port 80 is taken by nginx (pid 8) on 127.0.0.1 and by node (pid 9) on ::1", ""},
		{"on all addresses", conflict{err: &takenError{both[:1]},
			holders: []Holder{{at("0.0.0.0:80"), "nginx (pid 8)"}, {at("[::1]:80"), "not in the way"}, {at("10.0.0.7:80"), "nor this"}}},
			"local port 80 is taken by nginx (pid 8) on all addresses (0.0.0.0)", ""},
		{"one of our own", conflict{err: &takenError{both[:1]}, free: 8081, instead: "portolan edit x --here --local-port 8081",
			holders: []Holder{{at("127.0.0.1:80"), "portolan (pid 1)"}}, rivals: []Holder{{at("127.0.0.1:80"), "team:dev/a, another forward of yours,"}}},
			"local port 80 is taken by team:dev/a, another forward of yours, on 127.0.0.1",
			"stop that, or listen on 8081 on this machine: portolan edit x --here --local-port 8081"},
		{"forbidden", conflict{err: syscall.EACCES, free: 8081}, "this user may not listen on port 80", ""},
		{"no such address", conflict{err: syscall.EADDRNOTAVAIL}, "cannot listen on localhost:80", "choose an address that this machine has"},
	}
	for _, tt := range tests {
		tt.c.spec.Port = 80
		_, f := tt.c.fault()
		if !strings.HasPrefix(f.Message, tt.says) || tt.hint != "" && f.Hint != tt.hint {
			t.Errorf("%s: %q, %q", tt.name, f.Message, f.Hint)
		}
	}
}

// Each system has its own reason, and its own way out.
func TestLowPort(t *testing.T) {
	for system, says := range map[string]string{
		"linux": "sysctl net.ipv4.ip_unprivileged_port_start=80", "windows": "netsh interface ipv4 show excludedportrange",
		"darwin": "macOS leaves ports below 1024", "freebsd": "use 8081",
	} {
		if got := lowPort(system, "80", "use 8081"); !strings.HasPrefix(got, "use 8081") || !strings.Contains(got, says) {
			t.Errorf("%s: %q", system, got)
		}
	}
}

func TestCollide(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"127.0.0.1:80", "127.0.0.1:80", true},
		{"127.0.0.1:80", "127.0.0.1:81", false},
		{"127.0.0.1:80", "127.0.0.2:80", false},
		{"127.0.0.1:80", "[::1]:80", false},
		{"0.0.0.0:80", "127.0.0.1:80", true},
		{"0.0.0.0:80", "0.0.0.0:81", false},
		{"0.0.0.0:80", "[::1]:80", false},
		{"[::]:80", "[::1]:80", true},
		{"[::]:80", "127.0.0.1:80", true},
		{"[::]:80", "0.0.0.0:80", true},
		{"[::ffff:127.0.0.1]:80", "127.0.0.1:80", true},
	} {
		if collide(at(tt.a), at(tt.b)) != tt.want || collide(at(tt.b), at(tt.a)) != tt.want {
			t.Errorf("%s and %s: want %v", tt.a, tt.b, tt.want)
		}
	}
}
