package api

import (
	"context"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Follow hands on what becomes of the view, from the whole of it on, until ctx
// ends. Where the engine gives no answer it asks again after a while, or, where
// that is 0, returns why.
func Follow(ctx context.Context, a API, again time.Duration, to chan<- portolan.Changes) error {
	var since int64
	for {
		c, err := a.Changes(ctx, since)
		if err != nil {
			if again == 0 {
				return err
			}
			select {
			case <-time.After(again):
				continue
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		since = c.Revision
		select {
		case to <- c:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
