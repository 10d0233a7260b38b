package forward

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/portolan-app/portolan/internal/portolan"
)

func uids(pods []portolan.Backend) (all []string) {
	for _, b := range pods {
		all = append(all, b.UID)
	}
	return all
}

// TestChoiceOfPods draws pods that come and go, and holds what each choice says,
// whichever they are: only pods that were found are taken, all of them are offered,
// sticky keeps its pod as long as it is found, newest takes the first, and in a round
// nobody has a second turn before everybody had one.
func TestChoiceOfPods(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var wg sync.WaitGroup
		choice := rapid.SampledFrom([]portolan.PodChoice{"", portolan.PodSticky, portolan.PodNewest, portolan.PodRoundRobin}).Draw(t, "choice")
		up := newUpstream(context.Background(), "dev", &Config{Pods: choice}, &wg)
		l := newLane(up, portolan.Target{})
		defer l.cancel()
		var last string
		turns := map[string]int{}
		for range rapid.IntRange(1, 20).Draw(t, "connections") {
			var pods []portolan.Backend
			for _, i := range rapid.Permutation([]int{0, 1, 2, 3, 4}).Draw(t, "pods")[:rapid.IntRange(1, 5).Draw(t, "ready")] {
				pods = append(pods, portolan.Backend{UID: fmt.Sprint(i)})
			}
			before := uids(pods)
			got := uids(l.inOrder(pods))
			if !slices.Equal(uids(pods), before) {
				t.Fatalf("what others share was changed: %v to %v", before, uids(pods))
			}
			if !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(before))) {
				t.Fatalf("offers %v of %v", got, before)
			}
			switch choice {
			case portolan.PodNewest:
				if got[0] != before[0] {
					t.Fatalf("took %s of %v", got[0], before)
				}
			case portolan.PodRoundRobin:
				for _, other := range before {
					if turns[other] < turns[got[0]] {
						t.Fatalf("took %s of %v, and the last turns were %v", got[0], before, turns)
					}
				}
			default:
				if slices.Contains(before, last) && got[0] != last || !slices.Contains(before, last) && got[0] != before[0] {
					t.Fatalf("took %s of %v after %s", got[0], before, last)
				}
			}
			last = got[0]
			for uid := range turns {
				if !slices.Contains(before, uid) {
					delete(turns, uid) // one that comes back is new
				}
			}
			turns[last] = 1 + slices.Max(append(slices.Collect(maps.Values(turns)), 0))
		}
	})
}
