package app_test

import (
	"bufio"
	"fmt"
	"net"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// regular is a program that uses a forward: it has one connection open, and makes
// another again and again.
type regular struct {
	steady net.Conn
	lines  *bufio.Reader // of steady

	mu      sync.Mutex
	answers []string // to each new connection; "" = it was reset
}

// cmdReconnect starts such a program: reconnect NAME ADDRESS.
func cmdReconnect(ts *testscript.TestScript, _ bool, args []string) {
	steady, err := net.Dial("tcp", args[1])
	ts.Check(err)
	r := &regular{steady: steady, lines: bufio.NewReader(steady)}
	script(ts).regulars[args[0]] = r
	_, err = r.lines.ReadString('\n') // the greeting
	ts.Check(err)
	ended, end := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			answer := ask(args[1])
			r.mu.Lock()
			r.answers = append(r.answers, answer)
			r.mu.Unlock()
			select {
			case <-end:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	ts.Defer(func() { close(end); <-ended; _ = steady.Close() })
}

// ask connects, says hi, and returns the first line that comes.
func ask(address string) string {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return ""
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	_, _ = fmt.Fprintln(conn, "hi")
	line, _ := bufio.NewReader(conn).ReadString('\n')
	return line
}

// next returns the answers to n connections that are made from now on.
func (r *regular) next(ts *testscript.TestScript, n int) []string {
	from := -1
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		r.mu.Lock()
		if from < 0 {
			from = len(r.answers) + 1 // the one under way began before
		}
		answers := slices.Clone(r.answers[min(from, len(r.answers)):])
		r.mu.Unlock()
		if len(answers) >= n {
			return answers[:n]
		}
	}
	ts.Fatalf("it does not connect any more")
	return nil
}

// cmdMeets waits until a new connection of the program is answered so:
// meets NAME REGEXP.
func cmdMeets(ts *testscript.TestScript, _ bool, args []string) {
	want, err := regexp.Compile(args[1])
	ts.Check(err)
	for until := time.Now().Add(patience); ; {
		got := script(ts).regulars[args[0]].next(ts, 1)[0]
		if want.MatchString(got) {
			return
		}
		if time.Now().After(until) {
			ts.Fatalf("%s meets %q", args[0], got)
		}
	}
}

// cmdHeld makes sure that new connections of the program are reset, and that the
// open one goes on: held NAME.
func cmdHeld(ts *testscript.TestScript, _ bool, args []string) {
	r := script(ts).regulars[args[0]]
	for _, answer := range r.next(ts, 10) {
		if answer != "" {
			ts.Fatalf("%s meets %q", args[0], answer)
		}
	}
	ts.Check(r.steady.SetDeadline(time.Now().Add(patience)))
	_, err := fmt.Fprintln(r.steady, "still here")
	ts.Check(err)
	if line, err := r.lines.ReadString('\n'); line != "still here\n" {
		ts.Fatalf("the open connection of %s says %q (%v)", args[0], line, err)
	}
}
