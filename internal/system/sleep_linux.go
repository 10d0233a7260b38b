package system

import (
	"time"

	"golang.org/x/sys/unix"
)

// slept is how long the machine has been asleep since it was started: the difference
// of the clock that goes on in sleep and the one that does not (clock_gettime(2)).
func slept() time.Duration {
	var all, awake unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &awake) != nil || unix.ClockGettime(unix.CLOCK_BOOTTIME, &all) != nil {
		return 0
	}
	return time.Duration(all.Nano() - awake.Nano())
}
