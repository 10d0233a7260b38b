package tray

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Item is one line of the menu.
type Item struct {
	// Key says what the line is about. A line whose key changes means something
	// else from then on.
	Key   string
	Title string

	Separator bool // nothing else is set
	Mark      bool // it can be checked
	Checked   bool
	Disabled  bool
	Hidden    bool // it keeps a place, so that what comes later need not move others

	Do       Command // of a click; zero does nothing
	Children []Item  // it opens these, and a click does nothing
}

// Verb is what a click does.
type Verb string

// The verbs.
const (
	Open     Verb = "open" // the window, at the page Command.Text
	SyncNow  Verb = "sync"
	Start    Verb = "start" // Command.Forward
	Stop     Verb = "stop"
	StartAll Verb = "start-all" // of Command.Source and Command.Environment
	StopAll  Verb = "stop-all"
	Copy     Verb = "copy"   // Command.Text
	Browse   Verb = "browse" // Command.Text, a URL
	Pause    Verb = "pause"
	Resume   Verb = "resume"
	Quit     Verb = "quit"
)

// Command is what a click does, as data.
type Command struct {
	Verb        Verb
	Forward     portolan.ID
	Source      string
	Environment string
	Text        string
}

// How many lines a menu has room for. What is more goes into a submenu of its own.
const (
	mostFavourites   = 8
	mostEnvironments = 12
	mostForwards     = 20
	mostMore         = 40 // in such a submenu
	mostProblems     = 10
)

// Room for forwards in all of the menu, and in each environment at least. A panel
// reads the whole menu at each change, so that there has to be an end.
const (
	roomForwards  = 400
	leastForwards = 5
)

// Items is the menu, from top to bottom.
func Items(l Look) []Item {
	separator := Item{Separator: true}
	menu := []Item{{Key: "headline", Title: headline(l), Disabled: true}, separator}
	if l.Means.Window {
		menu = append(menu, Item{Key: "open", Title: "Open Portolan", Do: Command{Verb: Open}})
	}
	menu = append(menu, syncItem(l), separator)
	if marked := favourites(l); len(marked) > 0 {
		menu = append(append(menu, marked...), separator)
	}
	menu = append(append(menu, environments(l)...), separator, problemItem(l), pauseItem(l))
	if l.Means.Window {
		menu = append(menu, Item{Key: "settings", Title: "Settings…", Do: Command{Verb: Open, Text: "settings"}})
	}
	return append(menu, separator, Item{Key: "quit", Title: "Quit and stop all forwards", Do: Command{Verb: Quit}})
}

// syncItem syncs, and says what came of it last.
func syncItem(l Look) Item {
	item := Item{Key: "sync", Title: "Sync now", Do: Command{Verb: SyncNow}}
	switch {
	case len(l.Sources) == 0:
		item.Disabled = true
	case syncing(l):
		item.Title, item.Disabled = "Syncing…", true
	case failed(l) != "":
		item.Title += " · " + failed(l)
	case l.Synced != "":
		item.Title += " · " + l.Synced
	}
	return item
}

// failed says which source's last sync failed; "" = none did.
func failed(l Look) string {
	for _, s := range l.Sources {
		if s.Status.Fault != nil {
			return "failed: " + short(s.Name, nameWidth)
		}
	}
	return ""
}

// favourites are the forwards that a person wants at hand, in the person's order.
// Those of protected environments open a submenu, as one click is too easy there,
// and come last.
func favourites(l Look) []Item {
	var plain, guarded []Item
	suffix := suffixes(environmentNames(l))
	marked := portolan.Favourites(l.Forwards)
	for _, f := range marked[:min(len(marked), mostFavourites)] {
		item := forwardItem(l, f, " ("+short(suffix[f.Environment], nameWidth)+")")
		item.Key = "favourite " + item.Key
		if f.Protected {
			guarded = append(guarded, item)
			continue
		}
		item.Do, item.Children = toggle(f).Do, nil
		plain = append(plain, item)
	}
	if len(plain)+len(guarded) == 0 {
		return nil
	}
	return append(reserve(plain, mostFavourites, Item{Mark: true}), guarded...)
}

// reserve fills a run of lines up with hidden ones.
func reserve(items []Item, upTo int, spare Item) []Item {
	spare.Hidden = true
	for n := len(items); n < upTo; n++ {
		spare.Key = fmt.Sprint("spare ", n)
		items = append(items, spare)
	}
	return items
}

func environmentNames(l Look) (names []string) {
	for _, f := range l.Forwards {
		if !slices.Contains(names, f.Environment) {
			names = append(names, f.Environment)
		}
	}
	return names
}

// A group is the forwards that share a submenu.
type group struct {
	source, environment string // environment is "" for all of a source
	title               string
	forwards            []portolan.ForwardView
	protected           bool
}

// groups are the environments in the order of the sources and of their files,
// and then what is this machine's own.
func groups(l Look) []*group {
	byKey := make(map[[2]string]*group)
	var found []*group
	for _, f := range l.Forwards {
		key := [2]string{f.Source, f.Environment}
		if f.Source == portolan.Mine {
			key[1] = ""
		}
		g := byKey[key]
		if g == nil {
			g = &group{source: key[0], environment: key[1], title: short(key[1], nameWidth)}
			byKey[key] = g
			found = append(found, g)
		}
		g.forwards = append(g.forwards, f)
		g.protected = g.protected || f.Protected
	}
	rank := make(map[[2]string]int) // of an environment in its source
	shared := make(map[string]int)
	for i, s := range l.Sources {
		for j, e := range s.Environments {
			rank[[2]string{s.Name, e.Name}] = i<<16 + j
			shared[e.Name]++
		}
	}
	for _, g := range found {
		switch {
		case g.source == portolan.Mine:
			g.title, g.protected = "My forwards", false
			rank[[2]string{g.source, ""}] = math.MaxInt
		case shared[g.environment] > 1: // told apart by the source
			g.title += " (" + short(g.source, nameWidth) + ")"
		}
	}
	slices.SortStableFunc(found, func(a, b *group) int {
		return cmp.Compare(rank[[2]string{a.source, a.environment}], rank[[2]string{b.source, b.environment}])
	})
	return found
}

// environments is a submenu for each environment.
func environments(l Look) []Item {
	all := groups(l)
	if len(all) == 0 {
		return append([]Item{{Key: "none", Title: "No forwards yet", Disabled: true}},
			reserve(nil, mostEnvironments, Item{Children: []Item{}})...)
	}
	items := []Item{{Key: "none", Title: "No forwards yet", Disabled: true, Hidden: true}}
	var more []Item
	room := max(leastForwards, roomForwards/len(all))
	for i, g := range all {
		if i < mostEnvironments {
			items = append(items, groupItem(l, g, room))
		} else if i < mostEnvironments+mostMore {
			more = append(more, groupItem(l, g, room))
		}
	}
	items = reserve(items, mostEnvironments+1, Item{Children: []Item{}})
	if len(more) > 0 {
		items = append(items, Item{Key: "more", Title: fmt.Sprintf("More (%d)", len(all)-mostEnvironments), Children: more})
	}
	return items
}

func groupItem(l Look, g *group, room int) Item {
	where := Command{Source: g.source, Environment: g.environment}
	title := fmt.Sprintf("%s · %d of %d", g.title, countUp(g.forwards), len(g.forwards))
	key := g.source + ":" + g.environment
	start := Item{Key: "start-all " + key, Title: "Start all", Do: where}
	start.Do.Verb = StartAll
	if g.protected {
		title += ", protected"
		start.Title, start.Disabled, start.Do = "Protected: start each by itself", true, Command{}
	}
	stop := Item{Key: "stop-all " + key, Title: "Stop all", Disabled: !anyWanted(g.forwards), Do: where}
	stop.Do.Verb = StopAll
	return Item{
		Key: "environment " + key, Title: title,
		Children: append([]Item{start, stop, {Separator: true}}, forwardItems(l, g.forwards, mostForwards, room)...),
	}
}

func anyWanted(forwards []portolan.ForwardView) bool {
	return slices.ContainsFunc(forwards, func(f portolan.ForwardView) bool { return f.Local.Wanted })
}

// forwardItems is a line for each forward that there is room for, those beyond a
// size in a submenu.
func forwardItems(l Look, forwards []portolan.ForwardView, size, room int) []Item {
	var items []Item
	for _, f := range forwards[:min(size, room, len(forwards))] {
		items = append(items, forwardItem(l, f, ""))
	}
	rest := forwards[len(items):]
	switch {
	case len(rest) == 0:
		return items
	case room == len(items):
		return append(items, Item{Key: "rest", Title: fmt.Sprintf("%d more are not shown here", len(rest)),
			Mark: true, Disabled: true, Children: []Item{}})
	}
	return append(items, Item{Key: "more", Title: fmt.Sprintf("More (%d)", len(rest)),
		Children: forwardItems(l, rest, mostMore, room-len(items))})
}

// forwardItem is a forward with what can be done with it.
func forwardItem(l Look, f portolan.ForwardView, suffix string) Item {
	at := address(f)
	children := []Item{toggle(f)}
	if l.Means.Copy {
		copying := Item{Key: "copy " + string(f.ID), Title: "Copy address", Disabled: at == "", Do: Command{Verb: Copy, Text: at}}
		if at != "" {
			copying.Title = "Copy " + at
		}
		children = append(children, copying)
	}
	if l.Means.Browse {
		url, err := portolan.OpenURL(f.Entry, at)
		children = append(children, Item{Key: "browse " + string(f.ID), Title: "Open in browser", Disabled: at == "" || err != nil,
			Do: Command{Verb: Browse, Text: url}})
	}
	return Item{Key: "forward " + string(f.ID), Title: line(f, suffix), Mark: true, Checked: f.Local.Wanted, Children: children}
}

// toggle starts or stops a forward; it names the environment where that is
// protected.
func toggle(f portolan.ForwardView) Item {
	item := Item{Key: "toggle " + string(f.ID), Title: "Start", Do: Command{Verb: Start, Forward: f.ID}}
	switch {
	case f.Local.Wanted:
		item.Title, item.Do.Verb = "Stop", Stop
	case f.Protected:
		item.Title += " in " + short(f.Environment, nameWidth)
	}
	return item
}

// problemItem lists what a person has to act on; it is hidden where that is
// nothing.
func problemItem(l Look) Item {
	found := problems(l)
	item := Item{Key: "problems", Title: fmt.Sprintf("Recent problems (%d)", len(found)), Hidden: len(found) == 0, Children: []Item{}}
	for i, p := range found {
		if i == mostProblems {
			break
		}
		item.Children = append(item.Children, Item{Key: p.key, Title: p.text, Disabled: !l.Means.Window, Do: Command{Verb: Open, Text: p.page}})
	}
	return item
}

func pauseItem(l Look) Item {
	item := Item{Key: "pause", Title: "Pause syncing", Mark: true, Checked: l.View.Paused, Disabled: len(l.Sources) == 0,
		Do: Command{Verb: Pause}}
	if l.View.Paused {
		item.Do.Verb = Resume
	}
	return item
}
