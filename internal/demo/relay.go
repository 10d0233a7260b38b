package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// window bounds the bytes of one direction that were sent and not acknowledged yet,
// as a TCP window does: no connection carries more in a round trip. Linux grows one
// to about as much by default (tcp_wmem, tcp_rmem).
const window = 4 << 20

// Relay carries TCP connections to Target, an address and port, and holds every byte for Delay, in
// each direction: a network on one machine.
type Relay struct {
	Target string
	Delay  time.Duration
}

// Run relays what ln accepts until ctx ends, and returns nil when every
// connection is closed and every goroutine ended. It closes ln.
func (r *Relay) Run(ctx context.Context, ln *net.TCPListener) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var pairs sync.WaitGroup
	pairs.Go(func() {
		<-ctx.Done()
		_ = ln.Close()
	})
	defer pairs.Wait()
	defer stop()
	for {
		client, err := ln.AcceptTCP()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("relay to %s: %w", r.Target, err)
		}
		pairs.Go(func() { r.relay(ctx, client) })
	}
}

// relay serves one connection. Its client saw its handshake done at once, in no
// time; the round trip that it should have cost is spent here.
func (r *Relay) relay(ctx context.Context, client *net.TCPConn) {
	defer client.Close()
	select {
	case <-time.After(2 * r.Delay):
	case <-ctx.Done():
		return
	}
	target, err := net.ResolveTCPAddr("tcp", r.Target)
	if err != nil {
		return
	}
	server, err := net.DialTCP("tcp", nil, target)
	if err != nil {
		return
	}
	defer server.Close()
	unblock := context.AfterFunc(ctx, func() { _, _ = client.Close(), server.Close() })
	defer unblock()

	var directions sync.WaitGroup
	directions.Go(func() { r.carry(server, client) })
	directions.Go(func() { r.carry(client, server) })
	directions.Wait()
}

// parcel is bytes on their way. No bytes is the end of the stream.
type parcel struct {
	due  time.Time
	data []byte
}

// carry copies one direction, each byte Delay after it came. An end of stream
// travels as long; an error breaks both sides at once.
func (r *Relay) carry(to, from *net.TCPConn) {
	const size = 32 << 10
	way := make(chan parcel, window/size)
	unacknowledged := make(chan struct{}, window/size)
	var reader sync.WaitGroup
	reader.Go(func() {
		defer close(way)
		for {
			buffer := make([]byte, size)
			n, err := from.Read(buffer)
			if n > 0 {
				unacknowledged <- struct{}{}
				way <- parcel{time.Now().Add(r.Delay), buffer[:n]}
			}
			if errors.Is(err, io.EOF) {
				way <- parcel{due: time.Now().Add(r.Delay)}
				return
			}
			if err != nil {
				_ = to.Close()
				return
			}
		}
	})
	defer reader.Wait()
	for p := range way {
		time.Sleep(time.Until(p.due))
		var err error
		if p.data == nil {
			err = to.CloseWrite()
		} else {
			_, err = to.Write(p.data)
			time.AfterFunc(r.Delay, func() { <-unacknowledged })
		}
		if err != nil {
			_ = from.Close() // ends the reader; what it still sends is dropped below
			for p := range way {
				if p.data != nil {
					<-unacknowledged
				}
			}
		}
	}
}
