package cli

import (
	"fmt"
	"time"
)

// until says how far ahead a time is: "in 42 s", or "now" when it has come.
func until(t time.Time) string {
	if d := time.Until(t); d >= time.Second {
		return "in " + span(d)
	}
	return "now"
}

// since says how long ago a time was: "12 s ago", "just now", or "never".
func since(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	if d := time.Since(t); d >= time.Second {
		return span(d) + " ago"
	}
	return "just now"
}

// span is a duration in its one largest unit, rounded down.
func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}
