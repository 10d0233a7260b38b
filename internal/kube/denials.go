package kube

import (
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// deniedFor is how long a missing right is taken as given where there is another
// way: a role is granted now and then.
const deniedFor = 10 * time.Minute

// denials are the rights that were found missing in a namespace. The zero value
// knows none.
type denials struct {
	mu    sync.Mutex
	known map[denial]without
}

type denial struct {
	right     Right
	namespace string
}

type without struct {
	err   error // the API server's 403
	until time.Time
}

// of is how the API server refused the right lately, or nil.
func (d *denials) of(right Right, namespace string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r := d.known[denial{right, namespace}]; time.Now().Before(r.until) {
		return r.err
	}
	return nil
}

// try asks for what takes the right, unless it was found missing, and remembers a
// 403.
func (d *denials) try(right Right, namespace string, ask func() error) error {
	if err := d.of(right, namespace); err != nil {
		return err
	}
	err := ask()
	if apierrors.IsForbidden(err) {
		d.note(right, namespace, err)
	}
	return err
}

// note remembers a 403.
func (d *denials) note(right Right, namespace string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.known == nil {
		d.known = map[denial]without{}
	}
	d.known[denial{right, namespace}] = without{err: err, until: time.Now().Add(deniedFor)}
}

// drop has the right asked for again.
func (d *denials) drop(right Right, namespace string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.known, denial{right, namespace})
}

// forget is for when a person asks again.
func (d *denials) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.known)
}
