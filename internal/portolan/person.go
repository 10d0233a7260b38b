package portolan

import "context"

// Person is somebody who waits for what is being done, and who may therefore be
// asked for something by another program, such as the password of a keychain.
// What is done by a timer has no person: it must never make a window appear.
type Person struct {
	// Say tells the person what to do meanwhile, in another place than this
	// program. It is called by any goroutine, and not after the call has returned.
	Say func(step string)

	// Left is closed when the person waits no longer. nil: the person waits until
	// the call returns or its context ends.
	Left <-chan struct{}
}

type personKey struct{}

// WithPerson says that p waits for what is done under ctx.
func WithPerson(ctx context.Context, p Person) context.Context {
	return context.WithValue(ctx, personKey{}, p)
}

// PersonOf returns who waits for what is done under ctx; ok is false where nobody
// does.
func PersonOf(ctx context.Context) (p Person, ok bool) {
	p, ok = ctx.Value(personKey{}).(Person)
	return p, ok
}
