package portolan

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// entries draws valid entries, close enough to each other to collide.
func entries() *rapid.Generator[Entry] {
	word := rapid.SampledFrom([]string{"api", "web", "db-0", "a"})
	maybe := func(g *rapid.Generator[string]) *rapid.Generator[string] {
		return rapid.OneOf(rapid.Just(""), g)
	}
	return rapid.Custom(func(t *rapid.T) Entry {
		e := Entry{
			Alias:         maybe(rapid.SampledFrom([]string{"api", "web", "höher 😀 <&>", "a b", "api service//api/80/tcp:0"})).Draw(t, "alias"),
			WorkloadType:  rapid.SampledFrom([]WorkloadType{"", Service, Deployment, Pod, Proxy, Expose}).Draw(t, "workload_type"),
			Service:       word.Draw(t, "service"),
			Namespace:     maybe(word).Draw(t, "namespace"),
			Context:       maybe(rapid.SampledFrom([]string{"kind", "arn:aws:eks:x:cluster/y"})).Draw(t, "context"),
			RemotePort:    rapid.SampledFrom([]Port{{Number: 80}, {Number: 65535}, {Name: "http"}}).Draw(t, "remote_port"),
			LocalPort:     rapid.SampledFrom([]int{0, 1, 8080}).Draw(t, "local_port"),
			LocalAddress:  maybe(rapid.SampledFrom([]string{"localhost", "127.0.0.2", "::1", "0.0.0.0"})).Draw(t, "local_address"),
			Protocol:      rapid.SampledFrom([]Protocol{"", TCP, UDP}).Draw(t, "protocol"),
			RemoteAddress: rapid.SampledFrom([]string{"db.example.org"}).Draw(t, "remote_address"),
			Tags:          rapid.SampledFrom([][]string{nil, {"a"}, {"a", "b \" c"}}).Draw(t, "tags"),
			Description:   maybe(rapid.SampledFrom([]string{"two\nlines", "a\\b"})).Draw(t, "description"),
			URLPath:       maybe(rapid.SampledFrom([]string{"/", "/a?b=c#d"})).Draw(t, "url_path"),
			Scheme:        maybe(rapid.SampledFrom([]string{"http", "https"})).Draw(t, "scheme"),
		}
		if e.WorkloadType == Pod {
			if rapid.Bool().Draw(t, "by name") {
				e.PodName = word.Draw(t, "pod_name")
			} else {
				e.Target = rapid.SampledFrom([]string{"app=api", "x.y/app in (a, b),!c", "app"}).Draw(t, "target")
			}
		}
		for _, name := range []string{"domain_enabled", "owner", "a/b"} {
			if value := rapid.SampledFrom([]string{"", "", `true`, `"x<y"`, `{"n":1.50}`, `[1,"é"]`}).Draw(t, name); value != "" {
				e.Rest = append(e.Rest, Member{name, normal([]byte(value))})
			}
		}
		return e
	})
}

func noError(problems []Problem) bool {
	return !slices.ContainsFunc(problems, func(p Problem) bool { return p.Severity == SeverityError })
}

func TestEntryLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := entries().Draw(t, "a"), entries().Draw(t, "b")
		if !noError(Validate(a)) {
			t.Fatalf("not valid: %v", Validate(a))
		}
		if f := Parse("f.json", Encode([]Entry{a, b})); len(f.Entries) != 2 || !reflect.DeepEqual(f.Entries, []Entry{a, b}) {
			t.Fatalf("encoding and parsing changes %+v\nto %+v %v", a, f.Entries, f.Problems)
		}
		data, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var again Entry
		if err := json.Unmarshal(data, &again); err != nil || !reflect.DeepEqual(a, again) {
			t.Fatalf("marshalling changes %+v\nto %+v: %v", a, again, err)
		}
		if a.Equal(b) != (len(Diff(a, b)) == 0) || !a.Equal(a) || a.Equal(b) != b.Equal(a) || a.Equal(b) != (contentOf(a) == contentOf(b)) {
			t.Fatalf("Equal and Diff disagree: %v", Diff(a, b))
		}
		for i, c := range Diff(a, b) {
			if back := Diff(b, a); len(back) == 0 || !slices.ContainsFunc(back, func(r FieldChange) bool {
				return r.Name == c.Name && bytes.Equal(r.Before, c.After) && bytes.Equal(r.After, c.Before)
			}) {
				t.Fatalf("change %d, %+v, has no way back in %+v", i, c, back)
			}
		}
	})
}

// What Diff finds, With and SetEntry can apply.
func TestChangesApply(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := entries().Draw(t, "before"), entries().Draw(t, "after")
		others := rapid.SliceOfN(entries(), 0, 2).Draw(t, "others")
		changes := Diff(before, after)

		// A name that neither the table nor the entry knows is refused by With.
		e, known := before, true
		for _, c := range changes {
			known = known && (fieldIndex[c.Name] != nil || before.rest(c.Name) != nil)
		}
		for _, c := range changes {
			value := c.After
			if value == nil {
				value = json.RawMessage("null")
			}
			var err error
			if e, err = e.With(c.Name, value); err != nil && known {
				t.Fatalf("With(%s, %s): %v", c.Name, value, err)
			}
		}
		if known && !e.Equal(after) {
			t.Fatalf("With led to %+v\nnot %+v", e, after)
		}

		all := append([]Entry{before}, others...)
		data := Encode(all)
		if rapid.Bool().Draw(t, "minified") {
			data = normal(data)
		}
		edited, err := SetEntry(data, 0, changes)
		if err != nil {
			t.Fatal(err)
		}
		f := Parse("f.json", edited)
		if len(f.Entries) != len(all) || !f.Entries[0].Equal(after) || !reflect.DeepEqual(f.Entries[1:], append([]Entry{}, others...)) {
			t.Fatalf("from\n%s\nby %+v\nto\n%s", data, changes, edited)
		}
		back, err := SetEntry(edited, 0, Diff(after, before))
		if err != nil || !Parse("f.json", back).Entries[0].Equal(before) {
			t.Fatalf("there is no way back: %v\n%s", err, back)
		}
	})
}

func TestIdentifyLaws(t *testing.T) {
	type place struct {
		Key   string
		Entry string
	}
	places := func(found []Identified) []place {
		var all []place
		for _, i := range found {
			all = append(all, place{i.Key, contentOf(i.Entry)})
		}
		slices.SortFunc(all, func(a, b place) int { return strings.Compare(a.Key, b.Key) })
		return all
	}
	split := func(all []Entry, at int) []*File {
		return []*File{Parse("b.json", Encode(all[:at])), Parse("a.json", Encode(all[at:]))}
	}
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(entries(), 0, 8).Draw(t, "entries")
		if len(all) > 1 && rapid.Bool().Draw(t, "with a copy") {
			all = append(all, all[0])
		}
		at := rapid.IntRange(0, len(all)).Draw(t, "split")
		found, problems := Identify("staging", split(all, at))
		keys := map[string]Entry{}
		for _, i := range found {
			if _, twice := keys[i.Key]; twice || i.Key == "" {
				t.Fatalf("the key %q is not unique", i.Key)
			}
			keys[i.Key] = i.Entry
		}
		if noError(problems) {
			for _, e := range all {
				if !slices.ContainsFunc(found, func(i Identified) bool { return i.Entry.Equal(e) }) {
					t.Fatalf("%+v was lost without an error", e)
				}
			}
		}

		shuffled := rapid.Permutation(all).Draw(t, "shuffled")
		other, otherProblems := Identify("staging", split(shuffled, rapid.IntRange(0, len(all)).Draw(t, "other split")))
		if !reflect.DeepEqual(places(found), places(other)) || len(problems) != len(otherProblems) {
			t.Fatalf("the order matters: %v\n%v", places(found), places(other))
		}

		added := Entry{Alias: "unrelated", Service: "unrelated", RemotePort: Port{Number: 1}}
		more, _ := Identify("staging", split(append(slices.Clone(all), added), at))
		for _, i := range more {
			if before, ok := keys[i.Key]; i.Key != "unrelated" && (!ok || !before.Equal(i.Entry)) {
				t.Fatalf("an unrelated entry changes the key of %+v to %q", i.Entry, i.Key)
			}
		}
		if len(more) != len(found)+1 {
			t.Fatalf("%d keys became %d", len(found), len(more))
		}
	})
}
