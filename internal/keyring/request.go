package keyring

import (
	"context"
	"errors"
	"fmt"

	lib "github.com/zalando/go-keyring"

	"github.com/portolan-app/portolan/internal/portolan"
)

// op is what to do with an entry.
type op string

const (
	opGet    op = "get"
	opSet    op = "set"
	opDelete op = "delete"
)

// request is one call, as it also travels to a child process.
type request struct {
	Op     op     `json:"op"`
	Host   string `json:"host"`
	Login  string `json:"login"`
	Secret string `json:"secret,omitempty"` // to set
	Ask    bool   `json:"ask,omitempty"`    // a person waits, so that a prompt may be opened
}

// reply is the answer to a request: a fault, or what was asked for.
type reply struct {
	Asking bool            `json:"asking,omitempty"` // a prompt opens now, and another reply follows
	Secret string          `json:"secret,omitempty"`
	Fault  *portolan.Fault `json:"fault,omitempty"`
}

// here asks the library from this process.
func here(ctx context.Context, q request, asking, release func()) reply {
	answers := make(chan reply, 1)
	go func() {
		defer release()
		answers <- perform(q, asking)
	}()
	select {
	case r := <-answers:
		return r
	case <-ctx.Done():
		return reply{}
	}
}

// errLocked is the library's own word, which it says after a prompt.
var errLocked = errors.New(lockedTexts[0])

// perform asks the library, unless that would open a prompt that nobody waits for.
// It may take forever.
func perform(q request, asking func()) reply {
	secret, err := guarded(func() (string, error) {
		if locked() {
			if !q.Ask {
				return "", errLocked
			}
			asking()
		}
		return q.ask()
	})
	if err != nil {
		return reply{Fault: fault(q.Host, err)}
	}
	return reply{Secret: secret}
}

// ask makes the library's call.
func (q request) ask() (string, error) {
	account := q.Host + "/" + q.Login
	switch q.Op {
	case opGet:
		return lib.Get(service, account)
	case opSet:
		return "", lib.Set(service, account, q.Secret)
	case opDelete:
		return "", lib.Delete(service, account)
	}
	return "", fmt.Errorf("it has no operation %q", q.Op)
}

// guarded turns a panic of the library into an error: it has one when the bus
// goes away (a person logs out) while a prompt is open.
func guarded(fn func() (string, error)) (secret string, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the connection to it broke: %v", v)
		}
	}()
	return fn()
}
