package engine

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/portolan-app/portolan/internal/source"
)

// crew runs one follower per source: adding starts it, dismissing ends it and
// waits until it has ended.
type crew struct {
	mu      sync.Mutex
	ctx     context.Context //nolint:containedctx // Run's own, for followers that join later
	group   *errgroup.Group
	members map[string]*member
}

type member struct {
	*source.Follower
	cancel context.CancelFunc
	done   chan struct{}
}

func (c *crew) start(ctx context.Context, group *errgroup.Group) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ctx, c.group, c.members = ctx, group, make(map[string]*member)
}

// add runs a follower under a name that is free.
func (c *crew) add(name string, f *source.Follower) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ctx, cancel := context.WithCancel(c.ctx)
	m := &member{Follower: f, cancel: cancel, done: make(chan struct{})}
	c.members[name] = m
	c.group.Go(func() error {
		defer close(m.done)
		return f.Run(ctx)
	})
}

// dismiss ends the follower of that name, if there is one.
func (c *crew) dismiss(name string) {
	c.mu.Lock()
	m := c.members[name]
	delete(c.members, name)
	c.mu.Unlock()
	if m != nil {
		m.cancel()
		<-m.done
	}
}

// get returns the follower of that name, or nil.
func (c *crew) get(name string) *source.Follower {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m := c.members[name]; m != nil {
		return m.Follower
	}
	return nil
}

// wake wakes every follower; see [source.Follower.Wake].
func (c *crew) wake() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.members {
		m.Wake()
	}
}
