package merge

import "github.com/portolan-app/portolan/internal/portolan"

// Files returns the parsed file of one blob. Both arguments matter, because a
// parsed file names its path in its problems. It returns a file also for content
// that is invalid; an error means that the blob cannot be read. What it returns
// is not changed by this package.
type Files func(path, sha string) (*portolan.File, error)

// item is one entry that a source has in force.
type item struct {
	place
	file  string
	id    portolan.ID    // "" where this machine has not met the key yet
	entry portolan.Entry // as the repository has it
	kept  string         // why it is in force though the repository lacks it
}

// place is where an identity is unique within a source.
type place struct{ env, key string }

// inventory is all that a base puts in force.
type inventory struct {
	items     []item          // by environment, file and position in the file; kept ones last
	protected map[string]bool // environments
	// clashes are the errors of entries that claim one identity with different
	// content. None of them is in force: to pick one would make the result depend
	// on their order.
	clashes []portolan.Problem
}

// take lists what a base puts in force for a source.
func take(src *portolan.Source, base portolan.Base, files Files) (*inventory, error) {
	inv := &inventory{protected: map[string]bool{}}
	byEnv := map[string][]*portolan.File{}
	size := len(base.Kept)
	for _, name := range sortedKeys(base.Files) {
		b := base.Files[name]
		if b.SHA == "" {
			continue
		}
		file, err := files(name, b.SHA)
		if err != nil {
			return nil, err
		}
		byEnv[b.Environment] = append(byEnv[b.Environment], file)
		size += len(file.Entries)
		if file.Environment.Protected {
			inv.protected[b.Environment] = true
		}
	}
	inv.items = make([]item, 0, size)
	for _, env := range sortedKeys(byEnv) {
		entries, problems := portolan.Identify(env, byEnv[env])
		for _, e := range entries {
			inv.items = append(inv.items, item{place: place{env, e.Key}, file: e.File, entry: e.Entry})
		}
		for _, p := range problems {
			if isError(p) {
				inv.clashes = append(inv.clashes, p)
			}
		}
	}
	for _, k := range base.Kept {
		if k.Protected {
			inv.protected[k.Environment] = true
		}
		inv.items = append(inv.items, item{place: place{k.Environment, k.Key}, file: k.File, entry: k.Entry, kept: k.Reason})
	}
	for i := range inv.items {
		it := &inv.items[i]
		it.id = src.IDs[it.env][it.key]
		if !inv.protected[it.env] && src.Protects(it.env) {
			inv.protected[it.env] = true
		}
	}
	return inv, nil
}
