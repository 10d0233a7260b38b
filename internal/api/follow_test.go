package api_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// stepping is an engine that counts on, and fails every third time.
type stepping struct {
	api.API
	asked []int64
}

func (s *stepping) Changes(ctx context.Context, since int64) (portolan.Changes, error) {
	if s.asked = append(s.asked, since); len(s.asked)%3 == 0 {
		return portolan.Changes{}, api.Stopped()
	}
	return portolan.Changes{Revision: since + 1}, ctx.Err()
}

func TestFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		engine, to, ended := &stepping{}, make(chan portolan.Changes), make(chan error)
		began := time.Now()
		go func() { ended <- api.Follow(ctx, engine, time.Second, to) }()
		for want := int64(1); want <= 4; want++ {
			if c := <-to; c.Revision != want {
				t.Errorf("revision %d, want %d", c.Revision, want)
			}
		}
		if waited := time.Since(began); waited != time.Second {
			t.Errorf("asked again after %v", waited)
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
		if !slices.Equal(engine.asked[:5], []int64{0, 1, 2, 2, 3}) {
			t.Errorf("asked since %v", engine.asked)
		}
	})
}

func TestFollowOnce(t *testing.T) {
	to := make(chan portolan.Changes, 2)
	err := api.Follow(t.Context(), &stepping{}, 0, to)
	if portolan.AsFault(err).Code != "stopped" || len(to) != 2 {
		t.Errorf("%v after %d answers", err, len(to))
	}
}
