package engine_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/engine"
	"github.com/portolan-app/portolan/internal/portolan"
)

// TestReaders lets 10,000 forwards change while faces of every sort read over the
// socket: one that is always there, a slow one, one that comes back after an age,
// one that has lived through another engine, and dead ones that ask and never
// read the answer. In the end each of the living holds the engine's view.
func TestReaders(t *testing.T) {
	e, client := crowded(t, crowd)
	start := waitWhole(t, client, crowd)
	dead(t, client, 0)
	dead(t, client, start.Revision)
	living := []*reader{
		{name: "ready", view: copyOf(start)},
		{name: "slow", view: copyOf(start), pause: 20 * time.Millisecond},
		{name: "reborn", view: portolan.View{Revision: start.Revision + 1<<40, Forwards: []portolan.ForwardView{{}}}},
	}
	ancient := &reader{name: "ancient", view: copyOf(start)}
	var reading sync.WaitGroup
	for _, r := range living {
		reading.Go(func() { r.follow(t, client) })
	}
	shake(t, e, client, start)
	reading.Wait()
	ancient.follow(t, client)
	want, err := client.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range append(living, ancient) {
		if !reflect.DeepEqual(r.view, want) {
			t.Errorf("the %s reader holds another view of revision %d than the engine of %d", r.name, r.view.Revision, want.Revision)
		}
	}
}

// the entry whose arrival ends the readers' work.
const final = "the last"

// reader is a face that holds a view.
type reader struct {
	name  string
	view  portolan.View
	pause time.Duration // between two answers
}

func (r *reader) follow(t *testing.T, client api.API) {
	for {
		c, err := client.Changes(t.Context(), r.view.Revision)
		if err != nil {
			t.Errorf("the %s reader: %v", r.name, err)
			return
		}
		r.view.Apply(c)
		if n := len(r.view.Forwards); n > 0 && r.view.Forwards[n-1].Key == final {
			return
		}
		time.Sleep(r.pause)
	}
}

// shake changes statuses, and adds and removes entries, more often than removals
// are remembered.
func shake(t *testing.T, e *engine.Engine, client api.API, v portolan.View) {
	random := rand.New(rand.NewPCG(1, 2))
	var own []portolan.ID
	for i := range 2000 {
		f := v.Forwards[random.IntN(len(v.Forwards))]
		e.Observe(f.ID, portolan.Status{Phase: portolan.Ready, Pod: fmt.Sprint(i)})
		switch i % 500 {
		case 100:
			added, err := client.Add(t.Context(), "dev", entry(fmt.Sprint("own-", i)))
			if err != nil {
				t.Error(err)
				return
			}
			own = append(own, added.ID)
		case 200:
			if err := client.Remove(t.Context(), own[random.IntN(len(own))]); err != nil {
				t.Error(err)
			}
			own = own[:0]
		}
	}
	if _, err := client.Add(t.Context(), "dev", entry(final)); err != nil {
		t.Error(err)
	}
}

func entry(alias string) api.Fields {
	return api.Fields{"alias": value(alias), "service": value("s"), "namespace": value("n"), "remote_port": value(80)}
}

// dead asks for the changes since a revision and never reads the answer.
func dead(t *testing.T, client api.API, since int64) {
	t.Helper()
	v, err := client.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("unix", api.SocketPath(v.Home))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	body := strconv.FormatInt(since, 10)
	if _, err := io.WriteString(conn, fmt.Sprintf("POST /changes HTTP/1.1\r\nHost: portolan\r\nPortolan-API: %d\r\nContent-Length: %d\r\n\r\n%s",
		api.Level, len(body), body)); err != nil {
		t.Fatal(err)
	}
}

// copyOf shares no list with v.
func copyOf(v portolan.View) portolan.View {
	v.Sources, v.Forwards, v.Superseded = slices.Clone(v.Sources), slices.Clone(v.Forwards), slices.Clone(v.Superseded)
	return v
}

// What a command has touched is worked out alone; the result is what everything
// worked out anew would be.
func TestCommandsLeaveNothingBehind(t *testing.T) {
	w := newWorld(t)
	shop := w.forward(t, "development/shop").ID
	var mine portolan.ID
	do := func(what string, command func() error) {
		t.Helper()
		if err := command(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		before, err := w.View(t.Context())
		if err == nil {
			err = w.Refresh()
		}
		if err != nil {
			t.Fatal(err)
		}
		after, err := w.View(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(before.Forwards) != len(after.Forwards) {
			t.Fatalf("after %s there are %d forwards, want %d", what, len(before.Forwards), len(after.Forwards))
		}
		for i, f := range after.Forwards {
			if !sameButObserved(before.Forwards[i], f) {
				t.Errorf("after %s there is\n%+v\nwant\n%+v", what, before.Forwards[i], f)
			}
		}
	}
	one := api.Selection{Names: []string{string(shop)}}
	do("start", func() error { _, err := w.Start(t.Context(), one); return err })
	do("edit", func() error {
		_, err := w.Edit(t.Context(), shop, api.Fields{"description": value("Ours"), "alias": value("ours")}, false)
		return err
	})
	do("override", func() error {
		_, err := w.Edit(t.Context(), shop, api.Fields{"local_address": value("127.0.0.3")}, true)
		return err
	})
	do("add", func() (err error) {
		f, err := w.Add(t.Context(), "development", api.Fields{"alias": value("own"), "service": value("shop"), "remote_port": json.RawMessage("80")})
		mine = f.ID
		return err
	})
	do("edit one's own", func() error {
		_, err := w.Edit(t.Context(), mine, api.Fields{"auto_loopback_address": json.RawMessage("true")}, false)
		return err
	})
	do("start it", func() error {
		_, err := w.Start(t.Context(), api.Selection{Names: []string{string(mine)}})
		return err
	})
	do("map", func() error { return w.MapContext(t.Context(), "development", "", "nowhere") })
	do("settings", func() error { _, err := w.SetSetting(t.Context(), "hold", "20s"); return err })
	do("stop", func() error { _, err := w.Stop(t.Context(), api.Selection{All: true}); return err })
	do("undo the edit", func() error {
		_, err := w.Edit(t.Context(), shop, api.Fields{"description": value("The web shop"), "alias": value("shop")}, false)
		return err
	})
	do("remove", func() error { return w.Remove(t.Context(), mine) })
}

// sameButObserved compares what follows from commands; a status, and the port that
// was picked, may change at any moment.
func sameButObserved(a, b portolan.ForwardView) bool {
	b.Status, b.Local.Port = a.Status, a.Local.Port
	return a.Equal(b)
}
