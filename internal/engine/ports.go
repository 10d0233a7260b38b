package engine

import (
	"fmt"
	"net"

	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/store"
)

// instead is the command that moves a forward to another local port on this
// machine, so that no sync moves it back.
func instead(name string, port int) string {
	return fmt.Sprintf("portolan edit %s --here --local-port %d", portolan.Quote(name), port)
}

// refused names the user at the other end of a local connection, if that is one
// whom the setting "peers" keeps out.
func (e *Engine) refused(conn net.Conn) string {
	e.mu.Lock()
	peers := e.state.Settings.Peers
	e.mu.Unlock()
	if peers == portolan.PeersAll || e.cfg.Stranger == nil {
		return ""
	}
	who := e.cfg.Stranger(conn)
	if who == "" || peers == portolan.PeersMine || e.cfg.OthersLoggedIn() {
		return who
	}
	return ""
}

// giveLoopbacks gives each wanted forward that asks for a loopback address of its
// own one that no other has, and remembers it.
func (e *Engine) giveLoopbacks(state *portolan.State, inForce []portolan.Forward) {
	given := merge.GiveLoopbacks(state, inForce)
	if given == nil {
		return
	}
	err := e.cfg.Store.Update(func(tx *store.Tx) error {
		for id, address := range given {
			merge.SetLoopback(tx.State, id, address)
		}
		return nil
	})
	if err != nil {
		e.cfg.Log.Warn("an address of its own may be another one after a restart", "forwards", len(given), "err", err)
	}
	for i := range inForce {
		if address, ok := given[inForce[i].ID]; ok {
			inForce[i].Local.Loopback = address
		}
	}
}
