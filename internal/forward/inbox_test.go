package forward

import (
	"bytes"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
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

// pickyPod keeps what it gets, and takes its time now and then.
type pickyPod struct{ got []byte }

func (p *pickyPod) Write(data []byte) (int, error) {
	if len(p.got)%7 == 0 {
		time.Sleep(time.Millisecond)
	}
	p.got = append(p.got, data...)
	return len(data), nil
}

// However the two sides keep pace, what a client sends arrives whole.
func TestWhatIsFilledIsDrained(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sent := make([]byte, rapid.IntRange(0, 4*flowLimit).Draw(t, "size"))
		for i := range sent {
			sent[i] = byte(i ^ i>>8)
		}
		b, pod := newInbox(new(atomic.Int64)), &pickyPod{}
		if rapid.Bool().Draw(t, "answered") {
			b.answered()
		}
		go b.fill(bytes.NewReader(sent))
		if !b.drain(pod) {
			t.Fatal("drain was stopped")
		}
		if !bytes.Equal(pod.got, sent) {
			t.Fatalf("%d bytes arrived as %d others", len(sent), len(pod.got))
		}
	})
}

// A pod that has answered owes nothing, however late its Write returns: else its
// session would be closed where it could serve the next connection.
func TestAnswerDuringTheWriteCounts(t *testing.T) {
	b := newInbox(new(atomic.Int64))
	b.fill(strings.NewReader("question"))
	if !b.drain(prompt{b}) || b.outstanding() {
		t.Error("an answer is outstanding that has come")
	}

	b = newInbox(new(atomic.Int64))
	b.fill(strings.NewReader("question"))
	if !b.drain(silent{}) || !b.outstanding() {
		t.Error("no answer is outstanding though none has come")
	}
}
