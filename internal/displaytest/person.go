package displaytest

import (
	"context"
	"strconv"
)

// Click moves the mouse to a place of the screen, in pixels, and presses its left
// button.
func (d *Display) Click(ctx context.Context, x, y int) error {
	_, err := d.ask(ctx, "xdotool", "mousemove", strconv.Itoa(x), strconv.Itoa(y), "click", "1")
	return err
}

// Type types a text into what has the focus.
func (d *Display) Type(ctx context.Context, text string) error {
	_, err := d.ask(ctx, "xdotool", "type", "--delay", "4", "--", text)
	return err
}

// Press presses keys one after the other, by their names in X, such as "Return" or
// "ctrl+k".
func (d *Display) Press(ctx context.Context, keys ...string) error {
	_, err := d.ask(ctx, "xdotool", append([]string{"key", "--"}, keys...)...)
	return err
}
