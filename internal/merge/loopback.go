package merge

import (
	"hash/fnv"
	"net/netip"

	"github.com/portolan-app/portolan/internal/portolan"
)

// OwnLoopback reports whether a forward shall listen on a loopback address of its
// own. An address set for this machine, or one beyond loopback, goes before.
func OwnLoopback(f portolan.Forward) bool {
	return f.Entry.AutoLoopback() && f.Local.Override.LocalAddress == "" && !portolan.BeyondLoopback(f.Entry.LocalAddress)
}

// LacksLoopback reports whether a forward runs that shall have a loopback address
// of its own and has none yet.
func LacksLoopback(f portolan.Forward) bool {
	return f.Local.Wanted && f.Local.Loopback == "" && OwnLoopback(f)
}

// GiveLoopbacks picks an address for each wanted forward that shall have one of
// its own and has none yet. An address follows from the names of the forward, so
// that it is mostly the same on every machine of a team; where another forward
// has it, the next one is taken. Nil if every forward has what it needs.
func GiveLoopbacks(s *portolan.State, inForce []portolan.Forward) map[portolan.ID]string {
	var given map[portolan.ID]string
	var used map[string]bool
	for _, f := range inForce {
		if !LacksLoopback(f) {
			continue
		}
		if given == nil {
			given, used = map[portolan.ID]string{}, map[string]bool{}
			for _, local := range s.Local {
				used[local.Loopback] = true
			}
			for _, other := range inForce {
				used[other.Entry.LocalAddress] = true
			}
		}
		n := hashOf(f)
		for used[loopback(n)] {
			n++
		}
		given[f.ID] = loopback(n)
		used[given[f.ID]] = true
	}
	return given
}

// SetLoopback remembers the loopback address of a forward.
func SetLoopback(s *portolan.State, id portolan.ID, address string) {
	local := s.Local[id]
	local.Loopback = address
	setLocal(s, id, local)
}

// SetPort remembers the port that was picked for a forward.
func SetPort(s *portolan.State, id portolan.ID, port int) {
	local := s.Local[id]
	local.Port = port
	setLocal(s, id, local)
}

func hashOf(f portolan.Forward) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(f.Source + "\x00" + f.Environment + "\x00" + f.Key))
	return h.Sum32()
}

// loopback maps a number to an address of 127.0.0.0/8. Those of 127.0.0.0/16 have
// their uses already (localhost, the host's own name, systemd-resolved), and
// addresses that end in 0 or 255 look like networks.
func loopback(n uint32) string {
	const second, third, last = 254, 256, 254
	n %= second * third * last
	return netip.AddrFrom4([4]byte{127, byte(1 + n/(third*last)), byte(n / last % third), byte(1 + n%last)}).String()
}
