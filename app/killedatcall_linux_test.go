package app_test

import (
	"fmt"
	"maps"
	"os/exec"
	"runtime"
	"slices"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fileCalls are the system calls by which the store changes its files.
var fileCalls = map[uint64]string{
	unix.SYS_FSYNC: "fsync", unix.SYS_FDATASYNC: "fdatasync", unix.SYS_RENAMEAT: "renameat", unix.SYS_RENAMEAT2: "renameat2",
	unix.SYS_FTRUNCATE: "ftruncate", unix.SYS_PWRITE64: "pwrite64", unix.SYS_UNLINKAT: "unlinkat",
}

// TestKilledAtEachCall kills the agent before and after each system call by which
// it changes its files, from its start on, while it is asked for changes. With
// -killings 200 and more no call of the first hundred is left out.
func TestKilledAtEachCall(t *testing.T) {
	const span = 200
	w := newWitness(t)
	hits := map[string]int{}
	for i := range *killings {
		k := &killer{at: 1 + i*max(span, *killings) / *killings, died: make(chan struct{})}
		pid := k.start(t, agentIn(w.home))
		if client := w.meet(t, pid, k.died); client != nil {
			w.change(t, client, k.died)
		}
		<-k.died
		if hits[k.hit]++; k.hit == "" || t.Failed() {
			t.Fatalf("killed %s, the stop %d", k.hit, k.at)
		}
	}
	agent := agentIn(w.home) // and what the last one left
	if err := agent.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = agent.Process.Kill(); _ = agent.Wait() })
	w.meet(t, agent.Process.Pid, nil)
	for _, where := range slices.Sorted(maps.Keys(hits)) {
		t.Logf("killed %3d times %s", hits[where], where)
	}
}

// killer kills a program at a stop: the 1st is before its first call of fileCalls,
// the 2nd after it, and so on, whichever thread makes it. Nothing of the program
// knows: it is traced (ptrace(2)).
type killer struct {
	at   int
	died chan struct{} // closed when it is dead
	hit  string        // where; to be read then

	calls map[int]string // by thread: the one it is in
	seen  int
}

// start starts the program and returns its number.
func (k *killer) start(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	k.calls = map[int]string{}
	started := make(chan error, 1)
	go func() {
		defer close(k.died)
		runtime.LockOSThread() // a tracer is a thread; this one ends with the goroutine
		cmd.SysProcAttr.Ptrace = true
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		k.trace(cmd.Process.Pid, started)
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Kill(cmd.Process.Pid, unix.SIGKILL); <-k.died })
	return cmd.Process.Pid
}

func (k *killer) trace(pid int, started chan<- error) {
	var status unix.WaitStatus
	if _, err := unix.Wait4(pid, &status, 0, nil); err != nil { // at its exec
		started <- err
		return
	}
	started <- unix.PtraceSetOptions(pid, unix.PTRACE_O_TRACESYSGOOD|unix.PTRACE_O_TRACECLONE|unix.PTRACE_O_EXITKILL)
	known := map[int]bool{pid: true}
	for thread := pid; ; {
		signal := 0
		switch stop := status.StopSignal(); {
		case !status.Stopped():
			if thread == pid {
				return
			}
			signal = -1 // it is gone
		case stop == unix.SIGTRAP|0x80:
			if k.step(thread) {
				_ = unix.Kill(pid, unix.SIGKILL)
			}
		case stop == unix.SIGTRAP, stop == unix.SIGSTOP && !known[thread]: // an exec, a clone, a new thread
		default:
			signal = int(stop)
		}
		known[thread] = true
		if signal >= 0 {
			_ = unix.PtraceSyscall(thread, signal)
		}
		var err error
		if thread, err = unix.Wait4(-1, &status, unix.WALL|unix.WNOTHREAD, nil); err != nil {
			return
		}
	}
}

// step is one stop of a thread at a call; it reports whether it is the fatal one.
func (k *killer) step(thread int) bool {
	// The head of struct ptrace_syscall_info.
	var info struct {
		op     uint8
		_      [3]uint8
		arch   uint32
		ip, sp uint64
		number uint64
		_      [48]byte
	}
	_, _, errno := unix.RawSyscall6(unix.SYS_PTRACE, unix.PTRACE_GET_SYSCALL_INFO, uintptr(thread),
		unsafe.Sizeof(info), uintptr(unsafe.Pointer(&info)), 0, 0)
	if errno != 0 {
		return false
	}
	where := "before"
	if info.op == unix.PTRACE_SYSCALL_INFO_ENTRY {
		k.calls[thread] = fileCalls[info.number]
	} else {
		where = "after"
	}
	if k.calls[thread] == "" {
		return false
	}
	if k.seen++; k.seen != k.at {
		return false
	}
	k.hit = fmt.Sprintf("%s %s", where, k.calls[thread])
	return true
}
