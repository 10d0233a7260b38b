package keyring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// ChildArg is the one argument of the process that an isolated keyring starts: the
// program must hand such a process to [ServeChild] before it does anything else.
const ChildArg = "keychain-call"

const maxMessage = 1 << 20 // of a reply; no secret that a keychain takes is longer

// inherited is what the child gets of the environment: where the session is, and
// nothing that may hold a token.
var inherited = []string{"DBUS_SESSION_BUS_ADDRESS", "HOME", "XDG_RUNTIME_DIR", "LANG"}

// NewIsolated returns a keyring as [New] does that makes each call in a process of
// its own, which it starts as program with the name of this one and [ChildArg].
// What is secret crosses pipes only, never arguments or the environment. The child
// ends with the call, at the latest when its time is over or this process dies. A
// prompt that it has opened may stay on the screen: the Secret Service can dismiss
// one, but GNOME Keyring 42 crashes on that, with everybody's secrets. Answered
// late, it unlocks the keychain, and the next call finds it so.
func NewIsolated(limit time.Duration, program string) *Keyring {
	return newKeyring(limit, func(ctx context.Context, q request, asking, release func()) reply {
		defer release()
		r, err := askChild(ctx, program, q, asking)
		if err != nil {
			return reply{Fault: childFault(q.Host, err)}
		}
		return r
	})
}

// askChild starts a child, hands it the request, and ends it once it has answered.
func askChild(ctx context.Context, program string, q request, asking func()) (reply, error) {
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, program, ChildArg)
	cmd.Args[0] = os.Args[0] // what a list of processes shows
	for _, name := range inherited {
		if value, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		cancel()
		return reply{}, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		cancel()
		return reply{}, err
	}
	if err := cmd.Start(); err != nil {
		cancel()
		return reply{}, err
	}
	defer func() {
		cancel() // it has nothing left to do, and may be waiting for a window
		_ = cmd.Wait()
	}()
	if err := json.NewEncoder(in).Encode(q); err != nil {
		return reply{}, err
	}
	replies := json.NewDecoder(io.LimitReader(out, maxMessage))
	for {
		var r reply
		if err := replies.Decode(&r); err != nil {
			return reply{}, fmt.Errorf("the process that asks it gave no answer: %w", err)
		}
		if !r.Asking {
			return r, nil
		}
		asking()
	}
}

// ServeChild is the whole of the child's work: it reads one request from in and
// writes the replies to out. It returns early when in ends, as it does when the
// parent dies; the caller then ends the process.
func ServeChild(in io.Reader, out io.Writer) error {
	requests := json.NewDecoder(in)
	var q request
	if err := requests.Decode(&q); err != nil {
		return fmt.Errorf("keyring: this command is for Portolan itself: %w", err)
	}
	ended, done := make(chan struct{}), make(chan error, 1)
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, in)
	}()
	go func() {
		answers := json.NewEncoder(out)
		if err := reachable(); err != nil {
			done <- answers.Encode(reply{Fault: fault(q.Host, err)})
			return
		}
		r := perform(q, func() { _ = answers.Encode(reply{Asking: true}) })
		done <- answers.Encode(r)
	}()
	select {
	case err := <-done:
		return err
	case <-ended:
		return errors.New("keyring: the process that asked is gone")
	}
}
