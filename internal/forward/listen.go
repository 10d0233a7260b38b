package forward

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// A takenError is a port that another socket has, with each of our addresses
// that could not be had for it.
type takenError struct{ addresses []netip.AddrPort }

func (e *takenError) Error() string { return "address already in use" }

// listen opens a port on a host; 0 picks one. For localhost it opens both
// families, as far as the machine has them, or none: a port of which another
// program holds one family would give clients sometimes the one and sometimes
// the other.
func listen(host string, port int) ([]net.Listener, error) {
	if host != "" && host != "localhost" {
		ln, err := listenOne(host, port)
		if err != nil {
			return nil, err
		}
		return []net.Listener{ln}, nil
	}
	const attempts = 10 // of finding a port that is free in both families
	var err error
	for range attempts {
		var lns []net.Listener
		if lns, err = listenBoth(port); err == nil || port != 0 {
			return lns, err
		}
	}
	return nil, err
}

func listenBoth(port int) ([]net.Listener, error) {
	var lns []net.Listener
	var taken takenError
	for _, host := range []string{"127.0.0.1", "::1"} {
		ln, err := listenOne(host, port)
		var one *takenError
		switch {
		case err == nil:
			lns = append(lns, ln)
			port = ln.Addr().(*net.TCPAddr).Port
		case errors.As(err, &one):
			taken.addresses = append(taken.addresses, one.addresses...)
		case !absent(err):
			closeAll(lns)
			return nil, err
		}
	}
	if taken.addresses != nil {
		closeAll(lns)
		return nil, &taken
	}
	if len(lns) == 0 {
		return nil, syscall.EADDRNOTAVAIL
	}
	return lns, nil
}

// absent reports whether the machine has no such address.
func absent(err error) bool {
	return is(err, syscall.EADDRNOTAVAIL, 10049) || is(err, syscall.EAFNOSUPPORT, 10047)
}

// forbidden reports whether the system lets this user not have the port.
func forbidden(err error) bool {
	return errors.Is(err, fs.ErrPermission) || is(err, syscall.EACCES, 10013)
}

// is compares with the error of this system. Windows returns its own numbers
// (Windows Sockets Error Codes), which the syscall package does not equate with
// the names.
func is(err error, unix, windows syscall.Errno) bool {
	if runtime.GOOS == "windows" {
		return errors.Is(err, unix) || errors.Is(err, windows)
	}
	return errors.Is(err, unix)
}

func listenOne(host string, port int) (net.Listener, error) {
	address := net.JoinHostPort(host, strconv.Itoa(port))
	err := error(syscall.EADDRINUSE)
	if !shadowed(address, port) {
		var ln net.Listener
		if ln, err = net.Listen("tcp", address); err == nil {
			return ln, nil
		}
	}
	if is(err, syscall.EADDRINUSE, 10048) {
		if ip, bad := netip.ParseAddr(host); bad == nil {
			return nil, &takenError{[]netip.AddrPort{netip.AddrPortFrom(ip, uint16(port))}}
		}
	}
	return nil, err
}

// shadowed reports whether somebody answers on an address that the system might
// nevertheless let us have: outside Linux a listener on one address silently
// shadows one on all of them.
func shadowed(address string, port int) bool {
	if runtime.GOOS == "linux" || port == 0 {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

func closeAll(lns []net.Listener) {
	for _, ln := range lns {
		_ = ln.Close()
	}
}

// freeNear is a port close above a taken one that is free and not among avoid, or
// 0.
func freeNear(host string, port int, avoid map[int]bool) int {
	const reach = 50
	if port < 1024 {
		port += 8000 // 80 -> 8080
	}
	for p := port + 1; p <= min(port+reach, 65535); p++ {
		if avoid[p] {
			continue
		}
		if lns, err := listen(host, p); err == nil {
			closeAll(lns)
			return p
		}
	}
	return 0
}
