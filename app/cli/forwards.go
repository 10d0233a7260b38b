package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// listed is how --output json prints a forward: one flat object, first this
// machine's facts and then the entry under the field names of the files.
//
//	id           this machine's name for it
//	source       the source it came from, or "mine"
//	environment  the environment
//	phase        one of portolan.Phase
//	address      host:port on which it listens now, or ""
//	edited       whether a person changed it since the last sync
//	favourite    whether a person marked it so; absent when not
//	fault        why it is not up: kind, code, message, hint; absent when it is
type listed struct {
	ID          portolan.ID     `json:"id"`
	Source      string          `json:"source"`
	Environment string          `json:"environment"`
	Phase       portolan.Phase  `json:"phase"`
	Address     string          `json:"address"`
	Edited      bool            `json:"edited"`
	Favourite   bool            `json:"favourite,omitempty"`
	Fault       *portolan.Fault `json:"fault,omitempty"`
}

// listedForward marshals a forward as [listed] says.
type listedForward portolan.ForwardView

// MarshalJSON writes one flat object.
func (f listedForward) MarshalJSON() ([]byte, error) {
	facts, err := json.Marshal(listed{f.ID, f.Source, f.Environment, f.Status.Phase,
		address(portolan.ForwardView(f)), f.Edited, f.Local.Favourite, f.Status.Fault})
	if err != nil {
		return nil, err
	}
	// An unknown field of a file must not stand in for one of ours.
	entry := f.Entry
	entry.Rest = slices.DeleteFunc(slices.Clone(entry.Rest), func(m portolan.Member) bool {
		return slices.Contains([]string{"id", "source", "environment", "phase", "address", "edited", "favourite", "fault"}, m.Name)
	})
	fields, err := json.Marshal(entry)
	if err != nil {
		return nil, err
	}
	if bytes.Equal(fields, []byte("{}")) {
		return facts, nil
	}
	return slices.Concat(facts[:len(facts)-1], []byte(","), fields[1:]), nil
}

// printForwards prints any number of forwards, as an array or a table.
func (p *program) printForwards(forwards []portolan.ForwardView) {
	if p.format == "json" {
		list := make([]listedForward, len(forwards))
		for i, f := range forwards {
			list[i] = listedForward(f)
		}
		p.out.json(list)
		return
	}
	rows := make([][]cell, 0, len(forwards))
	for _, f := range forwards {
		rows = append(rows, []cell{plain(f.Environment), plain(api.Names(f)[0]), plain(leadsTo(f.Entry)),
			plain(address(f)), phase(f.Status.Phase), plain(f.Source), faint(marks(f))})
	}
	p.out.table([]string{"ENVIRONMENT", "NAME", "TARGET", "ADDRESS", "STATE", "SOURCE", "NOTES"}, rows)
}

// printForward prints one forward as an object, or the line in text.
func (p *program) printForward(f portolan.ForwardView, format string, args ...any) {
	if p.format == "json" {
		p.out.json(listedForward(f))
		return
	}
	p.out.printf(format+"\n", args...)
}

// address is where the forward listens now, or "".
func address(f portolan.ForwardView) string {
	if len(f.Status.Addresses) == 0 {
		return ""
	}
	return f.Status.Addresses[0]
}

// leadsTo is an entry's target as kubectl writes it, with the namespace.
func leadsTo(e portolan.Entry) string {
	kind, name := e.WorkloadType, e.Service
	if kind == "" {
		kind = portolan.Service
	}
	switch {
	case kind == portolan.Pod && e.PodName != "":
		name = e.PodName
	case kind == portolan.Pod:
		name = e.Target
	case kind == portolan.Proxy:
		name = e.RemoteAddress
	}
	target := fmt.Sprintf("%s/%s:%s", kind, name, e.RemotePort)
	if e.Namespace != "" {
		target += " in " + e.Namespace
	}
	return target
}

// marks are the short remarks on a forward.
func marks(f portolan.ForwardView) string {
	var m []string
	for _, mark := range []struct {
		on   bool
		text string
	}{
		{f.Edited, "edited"},
		{f.Local.New, "new"},
		{f.Local.Override != portolan.Override{}, "set for this machine"},
		{f.Protected, "protected"},
		{f.Local.Favourite, "favourite"},
		{len(f.Holders) > 0, "held by " + strings.Join(f.Holders, ", ")},
		{f.Status.Notice != "", f.Status.Notice},
	} {
		if mark.on {
			m = append(m, mark.text)
		}
	}
	return strings.Join(m, ", ")
}

// phase colours a phase by what it asks of a person.
func phase(p portolan.Phase) cell {
	switch {
	case p == portolan.Off || p == "":
		return faint(string(p))
	case p.Up():
		return green(string(p))
	case p == portolan.Waiting || p == portolan.Unreachable:
		return yellow(string(p))
	default:
		return red(string(p))
	}
}
