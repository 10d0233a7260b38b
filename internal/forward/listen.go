package forward

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

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
	for _, host := range []string{"127.0.0.1", "::1"} {
		ln, err := listenOne(host, port)
		if absent(err) {
			continue
		}
		if err != nil {
			closeAll(lns)
			return nil, err
		}
		lns = append(lns, ln)
		port = ln.Addr().(*net.TCPAddr).Port
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

// busy reports whether another socket has the address.
func busy(err error) bool { return is(err, syscall.EADDRINUSE, 10048) }

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
	// Outside Linux a listener on one address silently shadows one on all.
	if runtime.GOOS != "linux" && port != 0 {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		if conn, err := new(net.Dialer).DialContext(ctx, "tcp", address); err == nil {
			_ = conn.Close()
			return nil, syscall.EADDRINUSE
		}
	}
	return net.Listen("tcp", address)
}

func closeAll(lns []net.Listener) {
	for _, ln := range lns {
		_ = ln.Close()
	}
}

// freeNear is a free port close above a taken one, or 0.
func freeNear(host string, port int) int {
	const reach = 50
	if port < 1024 {
		port += 8000 // 80 -> 8080
	}
	for p := port + 1; p <= min(port+reach, 65535); p++ {
		if lns, err := listen(host, p); err == nil {
			closeAll(lns)
			return p
		}
	}
	return 0
}

// listenFault says why a port could not be opened. Owner and free may be empty.
func listenFault(s Spec, err error, owner string, free int) (portolan.Phase, *portolan.Fault) {
	f := &portolan.Fault{Kind: portolan.Failed}
	another := "choose another local port"
	if free != 0 {
		another = fmt.Sprintf("use a free one, such as %d", free)
	}
	switch {
	case busy(err):
		f.Code = "port-busy"
		f.Message = fmt.Sprintf("local port %d is taken", s.Port)
		if owner != "" {
			f.Message = fmt.Sprintf("local port %d is taken by %s", s.Port, owner)
		}
		f.Hint = "stop that, or " + another
	case errors.Is(err, fs.ErrPermission), is(err, syscall.EACCES, 10013):
		f.Code = "port-privileged"
		f.Message = fmt.Sprintf("this user may not listen on port %d", s.Port)
		f.Hint = another
		if runtime.GOOS == "linux" {
			f.Hint += ", or allow low ports with `sudo sysctl net.ipv4.ip_unprivileged_port_start=" + strconv.Itoa(s.Port) + "`"
		}
	default:
		f.Code = "address-unavailable"
		f.Message = fmt.Sprintf("cannot listen on %s: %v", net.JoinHostPort(s.Host, strconv.Itoa(s.Port)), err)
		f.Hint = "choose an address that this machine has"
		return portolan.StalledForward, f
	}
	return portolan.PortBusy, f
}
