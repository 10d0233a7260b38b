package forward_test

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/forward"
	"github.com/portolan-app/portolan/internal/portolan"
)

func TestApplyLeavesEqualForwardsAlone(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	trafficPod(t, b.cluster)
	specs := trafficSpecs()
	b.engine.Apply(specs)
	live := b.dial("echo")
	echo(t, live, "one")
	address := b.address("echo")
	upgrades := b.cluster.Counts().WebSocket

	gone := specs[:1]
	b.engine.Apply(gone) // the others go
	echo(t, live, "two")
	renamed := specs[0]
	renamed.Name = "another name"
	_, port, err := net.SplitHostPort(address)
	check(t, err)
	renamed.Port, err = strconv.Atoi(port) // as picked
	check(t, err)
	b.engine.Apply([]forward.Spec{renamed})
	echo(t, live, "three")
	if now := b.address("echo"); now != address {
		t.Errorf("moved from %s to %s", address, now)
	}
	if s := b.engine.Status("source"); s.Phase != portolan.Off {
		t.Errorf("a forward that is gone is %s", s.Phase)
	}
	if now := b.cluster.Counts().WebSocket; now > upgrades+1 { // a spare may have been under way
		t.Errorf("%d upgrades became %d", upgrades, now)
	}
}

func TestGoneForwardDrains(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	trafficPod(t, b.cluster)
	b.engine.Apply(trafficSpecs())
	live := b.dial("echo")
	echo(t, live, "before")
	address := b.address("echo")
	b.engine.Apply(nil)
	if conn, err := net.Dial("tcp", address); err == nil {
		_ = conn.Close()
		t.Error("the port is still open")
	}
	echo(t, live, "a live connection may finish")
}

func TestMovedTargetKeepsTheListener(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	trafficPod(t, b.cluster)
	s := spec("f", portolan.Pod, "traffic", portolan.Port{Number: 1})
	b.engine.Apply([]forward.Spec{s})
	live := b.dial("f")
	echo(t, live, "old")
	address := b.address("f")

	s.Target.Port.Number = 3
	s.Held = &portolan.Fault{Kind: portolan.Failed, Code: "changed", Message: "the target has changed"}
	b.engine.Apply([]forward.Spec{s})
	b.inPhase("f", portolan.ChangedConfirm)
	b.refused("f")
	echo(t, live, "still the old one")

	s.Held = nil
	b.engine.Apply([]forward.Spec{s})
	b.inPhase("f", portolan.Listening)
	if b.address("f") != address {
		t.Error("the listener moved")
	}
	if _, err := b.dial("f").Read(make([]byte, 1)); err != nil {
		t.Errorf("the new target does not greet: %v", err)
	}
}

func TestForwardsCanSwapPorts(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	specs := trafficSpecs()[:2]
	b.engine.Apply(specs)
	for i, s := range specs {
		_, port, err := net.SplitHostPort(b.address(s.ID))
		check(t, err)
		specs[1-i].Port, err = strconv.Atoi(port)
		check(t, err)
	}
	b.engine.Apply(specs)
	for _, s := range specs {
		status := b.inPhase(s.ID, portolan.Listening)
		if !strings.HasSuffix(status.Addresses[0], ":"+strconv.Itoa(s.Port)) {
			t.Errorf("%s listens on %v, want %d", s.ID, status.Addresses, s.Port)
		}
	}
}

func TestTakenPortNamesItsOwner(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	s := spec("f", portolan.Pod, "traffic", portolan.Port{Number: 1})
	s.Port = ln.Addr().(*net.TCPAddr).Port
	b.engine.Apply([]forward.Spec{s})
	b.eventually("f", "told", func(st portolan.Status) bool {
		return st.Phase == portolan.PortBusy && strings.Contains(st.Fault.Message, fmt.Sprintf("pid %d", os.Getpid())) &&
			strings.Contains(st.Fault.Hint, "free one, such as")
	})
	check(t, ln.Close())
	b.inPhase("f", portolan.Listening)
}

func TestPickedPortIsReportedOnce(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	s := spec("f", portolan.Pod, "traffic", portolan.Port{Number: 1})
	b.engine.Apply([]forward.Spec{s})
	status := b.inPhase("f", portolan.Listening)
	picked := 0
	for until := time.Now().Add(patience); picked == 0 && time.Now().Before(until); time.Sleep(time.Millisecond) {
		b.mu.Lock()
		picked = b.picked["f"] // reported beside the status, not before it
		b.mu.Unlock()
	}
	for _, address := range status.Addresses {
		if !strings.HasSuffix(address, ":"+strconv.Itoa(picked)) {
			t.Errorf("listens on %s, picked %d", address, picked)
		}
	}
	b.engine.Apply([]forward.Spec{s})
	if again := b.address("f"); again != status.Addresses[0] {
		t.Errorf("picked again: %s", again)
	}
}

// Nobody asked for a picked port: where somebody took it meanwhile, another one
// does, and it stays.
func TestPickedPortThatIsTakenIsPickedAnew(t *testing.T) {
	taken := occupy(t, "tcp4", "127.0.0.1")
	b := newBed(t, demo.ClusterConfig{})
	s := spec("f", portolan.Pod, "traffic", portolan.Port{Number: 1})
	s.Port, s.Picked = taken, true
	b.engine.Apply([]forward.Spec{s})
	status := b.inPhase("f", portolan.Listening)
	address := b.address("f")
	if strings.HasSuffix(address, ":"+strconv.Itoa(taken)) || !strings.Contains(status.Notice, strconv.Itoa(taken)) {
		t.Errorf("listens on %s, and says %q", address, status.Notice)
	}
	for _, port := range []int{taken, portOf(t, address)} { // before and after it is remembered
		s.Port = port
		b.engine.Apply([]forward.Spec{s})
		if again := b.address("f"); again != address {
			t.Errorf("moved on to %s", again)
		}
	}
}

func portOf(t *testing.T, address string) int {
	t.Helper()
	_, text, err := net.SplitHostPort(address)
	check(t, err)
	port, err := strconv.Atoi(text)
	check(t, err)
	return port
}

func TestUnsupportedOpensNothing(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	s := spec("f", portolan.Proxy, "x", portolan.Port{Number: 1})
	s.Unsupported = &portolan.Fault{Kind: portolan.Failed, Code: "unsupported", Message: "a proxy is not supported yet"}
	b.engine.Apply([]forward.Spec{s})
	if status := b.inPhase("f", portolan.Unsupported); len(status.Addresses) > 0 || status.Fault == nil {
		t.Errorf("status is %+v", status)
	}
}

// A click looks a target up once. After that a forward that is well and unused
// costs the cluster nothing, through a whole round of looking again.
func TestClickedForwardIsIdleAgain(t *testing.T) {
	t.Parallel()
	b := newBed(t, demo.ClusterConfig{})
	echoService(t, b.cluster, 1)
	b.engine.Apply([]forward.Spec{spec("f", portolan.Service, "echo", portolan.Port{Number: 70})})
	b.inPhase("f", portolan.Listening) // Run may begin after Apply
	check(t, b.engine.Probe(t.Context(), "f"))
	total := func() (n int) {
		for _, count := range b.cluster.Counts().Requests {
			n += count
		}
		return n
	}
	before := total()
	if before == 0 {
		t.Fatal("the click asked for nothing")
	}
	time.Sleep(6 * time.Second) // longer than a round; sockets know no synctest
	if after := total(); after != before {
		t.Errorf("%d requests for a forward that nobody uses", after-before)
	}
}

func TestIdleForwardsAskForNothing(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	var specs []forward.Spec
	for i := range 300 {
		specs = append(specs, spec(fmt.Sprintf("f%03d", i), portolan.Service, "echo", portolan.Port{Number: 70}))
	}
	b.engine.Apply(specs)
	b.inPhase("f299", portolan.Listening)
	if counts := b.cluster.Counts(); len(counts.Requests) > 0 || counts.WebSocket+counts.SPDY > 0 {
		t.Errorf("idle forwards asked for %+v", counts)
	}
}
