package mux

import (
	"testing"
	"testing/synctest"
	"time"
)

// What the system tries in vain for long is lost; a packet that was lost, and came
// through when it was sent again, is nothing.
func TestLostIsWhatGetsThroughNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pulse
		p.begin()
		look := func(unheard bool, times int) (lost bool) {
			for range times {
				time.Sleep(lookEvery)
				lost = p.lost(unheard)
			}
			return lost
		}
		if look(false, 3600) || look(true, 10) || look(false, 1) || look(true, 10) {
			t.Error("lost although it gets through now and then")
		}
		if !look(true, 4) {
			t.Error("not noticed")
		}
	})
}
