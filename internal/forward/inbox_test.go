package forward

import (
	"strings"
	"testing"
)

// prompt is a pod that answers before the write to it returns, as one on this
// machine does.
type prompt struct{ inbox *inbox }

func (p prompt) Write(data []byte) (int, error) {
	p.inbox.answered()
	return len(data), nil
}

// silent is a pod that takes everything and answers nothing.
type silent struct{}

func (silent) Write(data []byte) (int, error) { return len(data), nil }

// A pod that has answered owes nothing, however late its Write returns: else its
// session would be closed where it could serve the next connection.
func TestAnswerDuringTheWriteCounts(t *testing.T) {
	b := newInbox()
	b.fill(strings.NewReader("question"))
	if !b.drain(prompt{b}) || b.outstanding() {
		t.Error("an answer is outstanding that has come")
	}

	b = newInbox()
	b.fill(strings.NewReader("question"))
	if !b.drain(silent{}) || !b.outstanding() {
		t.Error("no answer is outstanding though none has come")
	}
}
