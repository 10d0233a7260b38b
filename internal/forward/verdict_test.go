package forward

import (
	"io"
	"testing"

	"github.com/portolan-app/portolan/internal/forward/mux"
)

func TestJudge(t *testing.T) {
	text := func(s string) error { return &mux.RemoteError{Text: s} }
	cases := []struct {
		err  error
		want verdict
	}{
		{nil, finished},
		{mux.ErrLost, broken},
		{mux.ErrReset, broken},
		{mux.ErrRejected, unaccepted},
		{io.ErrUnexpectedEOF, broken},
		{text(""), broken},
		{text("something that no runtime says"), broken},
		// containerd
		{text(`error forwarding port 9 to pod 1f, uid : failed to execute portforward in network namespace "/var/run/netns/cni-1": failed to connect to localhost:9 inside namespace "1f", IPv4: dial tcp4 127.0.0.1:9: connect: connection refused IPv6 dial tcp6 [::1]:9: connect: connection refused `), refused},
		{text(`error forwarding port 80 to pod 1f, uid : failed to find sandbox "1f" in store: not found`), undelivered},
		{text(`error forwarding port 80 to pod 1f, uid : network namespace for sandbox "1f" is closed`), undelivered},
		{text(`error forwarding port 80 to pod 1f, uid : failed to execute portforward in network namespace "/var/run/netns/cni-1": read tcp4 127.0.0.1:5->127.0.0.1:80: read: connection reset by peer`), broken},
		{text(`failed to execute portforward in network namespace "/var/run/netns/cni-1": write: broken pipe`), broken},
		// cri-dockerd, kubelet
		{text(`Error response from daemon: No such container: 1f`), undelivered},
		{text(`(conn=0xc0, request=3) timed out waiting for streams`), broken},
	}
	for _, c := range cases {
		if got := judge(c.err); got != c.want {
			t.Errorf("%v: judged %d, want %d", c.err, got, c.want)
		}
	}
}
