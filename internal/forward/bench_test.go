package forward_test

import (
	"encoding/binary"
	"io"
	"net"
	"testing"

	"github.com/portolan-app/portolan/internal/demo"
)

// BenchmarkConnect is a new connection, one byte there and back, and its end.
func BenchmarkConnect(b *testing.B) {
	bed := newBed(b, demo.ClusterConfig{})
	trafficPod(b, bed.cluster)
	bed.engine.Apply(trafficSpecs())
	address := bed.address("echo")
	for b.Loop() {
		conn, err := net.Dial("tcp", address)
		check(b, err)
		_, err = conn.Write([]byte{7})
		check(b, err)
		_, err = io.ReadFull(conn, make([]byte, 1))
		check(b, err)
		check(b, conn.Close())
	}
}

// BenchmarkDownload is 16 MiB on one connection.
func BenchmarkDownload(b *testing.B) {
	const size = 16 << 20
	bed := newBed(b, demo.ClusterConfig{})
	trafficPod(b, bed.cluster)
	bed.engine.Apply(trafficSpecs())
	b.SetBytes(size)
	for b.Loop() {
		conn := bed.dial("source")
		check(b, binary.Write(conn, binary.BigEndian, uint64(size)))
		_, err := io.CopyN(io.Discard, conn, size)
		check(b, err)
		check(b, conn.Close())
	}
}
