package api_test

import (
	"context"
	"errors"
	"testing"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// holder is an engine that tells when a hold begins and ends.
type holder struct {
	echo
	began, ended chan api.Hold
	stop         chan struct{}
}

func (h *holder) Hold(ctx context.Context, q api.Hold, held func([]portolan.ForwardView)) error {
	h.began <- q
	if h.fault != nil {
		return h.fault
	}
	held(fleet)
	select {
	case <-ctx.Done():
	case <-h.stop:
	}
	h.ended <- q
	return errors.New("over")
}

func TestHoldLastsAsLongAsTheCall(t *testing.T) {
	h := &holder{began: make(chan api.Hold, 1), ended: make(chan api.Hold, 1), stop: make(chan struct{})}
	client, _ := serve(t, h)
	q := api.Hold{Selection: api.Selection{Names: []string{"a/b"}}, By: "me"}
	hold := func(ctx context.Context) (<-chan int, <-chan error) {
		held, failed := make(chan int, 1), make(chan error, 1)
		go func() { failed <- client.Hold(ctx, q, func(f []portolan.ForwardView) { held <- len(f) }) }()
		return held, failed
	}

	// The caller hangs up.
	ctx, cancel := context.WithCancel(t.Context())
	held, failed := hold(ctx)
	if got := <-h.began; got.By != "me" || len(got.Names) != 1 {
		t.Errorf("asked for %+v", got)
	}
	if n := <-held; n != len(fleet) {
		t.Errorf("held %d", n)
	}
	cancel()
	<-h.ended
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}

	// The engine ends.
	held, failed = hold(t.Context())
	<-h.began
	<-held
	close(h.stop)
	<-h.ended
	if err := <-failed; portolan.AsFault(err).Kind != portolan.Unavailable {
		t.Error(err)
	}

	// There is nothing to hold.
	h.fault = &portolan.Fault{Kind: portolan.Usage, Code: "forward-unknown", Message: "there is none"}
	_, failed = hold(t.Context())
	<-h.began
	if err := <-failed; portolan.AsFault(err).Code != "forward-unknown" {
		t.Error(err)
	}
}
