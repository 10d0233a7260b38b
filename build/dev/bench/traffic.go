package main

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// answerTime is how long one byte may take to come back.
const answerTime = 5 * time.Second

// dial opens a connection that ends at the latest after limit.
func dial(ctx context.Context, address string, limit time.Duration) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: limit}).DialContext(ctx, "tcp4", address)
	if err != nil {
		return nil, err
	}
	return conn, conn.SetDeadline(time.Now().Add(limit))
}

// exchange sends one byte to an echo and reads it back.
func exchange(conn net.Conn) error {
	var b [1]byte
	if _, err := conn.Write(b[:]); err != nil {
		return err
	}
	_, err := io.ReadFull(conn, b[:])
	return err
}

// connect opens n connections one after the other, and returns how many
// milliseconds each took until one byte had come back.
func connect(ctx context.Context, echo string, n int) ([]float64, error) {
	var took []float64
	for range n {
		begin := time.Now()
		conn, err := dial(ctx, echo, answerTime)
		if err == nil {
			err = exchange(conn)
		}
		if err != nil {
			return nil, err
		}
		took = append(took, milliseconds(time.Since(begin)))
		if err := conn.Close(); err != nil {
			return nil, err
		}
	}
	return took, nil
}

// ask opens a connection to a source that will never stop sending, or to a sink
// that will never stop reading.
func ask(ctx context.Context, address string, limit time.Duration) (net.Conn, error) {
	conn, err := dial(ctx, address, limit)
	if err != nil {
		return nil, err
	}
	_, err = conn.Write(binary.BigEndian.AppendUint64(nil, 1<<62))
	return conn, err
}

// carry has streams connections carry bytes at once for as long as window, the
// opening included, and returns how many there were in all.
func carry(ctx context.Context, one func(context.Context, string, time.Duration) (int64, error), address string, streams int, window time.Duration) (int64, error) {
	var total atomic.Int64
	var carrying sync.WaitGroup
	errs := make([]error, streams)
	for i := range streams {
		carrying.Go(func() {
			n, err := one(ctx, address, window)
			total.Add(n)
			errs[i] = err
		})
	}
	carrying.Wait()
	if total.Load() == 0 {
		errs = append(errs, errors.New("nothing came through"))
	}
	return total.Load(), errors.Join(errs...)
}

// pull reads from a source for as long as window.
func pull(ctx context.Context, source string, window time.Duration) (int64, error) {
	return last(ctx, source, window, net.Conn.Read)
}

// push writes to a sink for as long as window.
func push(ctx context.Context, sink string, window time.Duration) (int64, error) {
	return last(ctx, sink, window, net.Conn.Write)
}

// last moves bytes on one connection until its time is over, which is no error.
func last(ctx context.Context, address string, window time.Duration, move func(net.Conn, []byte) (int, error)) (n int64, err error) {
	conn, err := ask(ctx, address, window)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	buffer := make([]byte, 256<<10)
	for err == nil {
		var moved int
		moved, err = move(conn, buffer)
		n += int64(moved)
	}
	if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
		return n, nil
	}
	return n, err
}

// chatter is what a crowd of open connections experienced.
type chatter struct {
	p99  float64 // ms of an exchange, over all connections that lived; NaN if none did
	lost int     // connections that did not come through to the end
}

// converse opens a crowd of connections, and when all are open or have failed
// has each exchange n bytes, one after the other. Their opening is not in the
// figures: that is connect's.
func converse(ctx context.Context, echo string, crowd, n int) chatter {
	var opening, talking sync.WaitGroup
	opening.Add(crowd)
	var mu sync.Mutex
	var all []float64
	var lost int
	for range crowd {
		talking.Go(func() {
			took, err := talk(ctx, echo, n, &opening)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				lost++
			}
			all = append(all, took...)
		})
	}
	talking.Wait()
	return chatter{percentile(all, 99), lost}
}

// talk is one connection of a crowd that waits for the others' opening.
func talk(ctx context.Context, echo string, n int, opening *sync.WaitGroup) (took []float64, err error) {
	conn, err := dial(ctx, echo, answerTime)
	if err == nil {
		defer conn.Close()
		err = exchange(conn)
	}
	opening.Done()
	if err != nil {
		return nil, err
	}
	opening.Wait()
	if err := conn.SetDeadline(time.Now().Add(answerTime)); err != nil {
		return nil, err
	}
	for range n {
		begin := time.Now()
		if err := exchange(conn); err != nil {
			return took, err
		}
		took = append(took, milliseconds(time.Since(begin)))
	}
	return took, nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
