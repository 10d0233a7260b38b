package e2e_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

// TestStory is a person's day with one forward: start it, use it, lose the pod, and
// go on using it.
func TestStory(t *testing.T) {
	t.Parallel()
	b := beds(t)
	b.deploy(t, portolan.Deployment, "web", 1)
	p := serve(t, b, b.kubeconfig())
	p.start("web", "service=web", "remote-port=http")
	url := p.run("url", "e2e/web")
	first := onlyPod(t, b, "web")
	greeted(t, url, first.name)
	if s := p.inPhase("web", portolan.Ready); s.Pod != b.namespace()+"/"+first.name {
		t.Errorf("the status names the pod %s, and %s answers", s.Pod, first.name)
	}

	b.kill(t, first.name)
	answer := ""
	eventually(t, "an answer of another pod", func() bool {
		var err error
		answer, err = ask(url) // which the old pod may cut off at its end
		return err == nil && !strings.Contains(answer, first.name)
	})
	second := onlyPod(t, b, "web")
	if want := "hello from " + second.name + "\n"; answer != want {
		t.Errorf("%s has come for %s, and the answer is %q", second.name, first.name, answer)
	}
	p.until("web", "at the new pod", func(s portolan.Status) bool { return s.Pod == b.namespace()+"/"+second.name })
	all := p.run("status", "e2e/web")
	for _, said := range []string{"ready", p.address("web"), second.name, "0, ", "first byte", "connected to pod " + b.namespace() + "/" + first.name} {
		if !strings.Contains(all, said) {
			t.Errorf("`portolan status e2e/web` does not say %q:\n%s", said, all)
		}
	}
	events := p.run("events", "e2e/web")
	for _, told := range []string{"listening on", "connected to pod " + b.namespace() + "/" + first.name, second.name} {
		if !strings.Contains(events, told) {
			t.Errorf("the events do not tell %q:\n%s", told, events)
		}
	}

	address := p.address("web")
	p.run("stop", "e2e/web")
	if conn, err := net.Dial("tcp", address); err == nil {
		_ = conn.Close()
		t.Error("a stopped forward still takes connections")
	}
}

// ask makes one request over a connection of its own.
func ask(url string) (string, error) {
	client := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return string(body), err
}

// greeted wants an answer of that pod.
func greeted(t *testing.T, url, pod string) {
	t.Helper()
	if got, err := ask(url); got != "hello from "+pod+"\n" || err != nil {
		t.Errorf("%s answers %q, %v; want pod %s", url, got, err, pod)
	}
}

// TestRollout holds that a deployment can be rolled while connections come and go:
// the port never refuses one, and each connection that is made gets an answer
// unless its own pod went.
func TestRollout(t *testing.T) {
	t.Parallel()
	b := beds(t)
	b.deploy(t, portolan.Deployment, "rolled", 2)
	p := serve(t, b, b.kubeconfig())
	p.start("rolled", "service=rolled", "remote-port=echo")
	address := p.address("rolled")
	before := b.pods(t, "rolled")

	var gaps, lost, answered atomic.Int64
	over := make(chan struct{})
	var load sync.WaitGroup
	for range 4 {
		load.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
				}
				conn, err := net.Dial("tcp", address)
				if err != nil {
					gaps.Add(1)
					continue
				}
				_ = conn.SetDeadline(time.Now().Add(patience))
				if err := exchange(conn, "x"); err != nil {
					lost.Add(1)
				} else {
					answered.Add(1)
				}
				_ = conn.Close()
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	b.roll(t, "rolled")
	close(over)
	load.Wait()
	t.Logf("%d answered, %d lost, %d refused", answered.Load(), lost.Load(), gaps.Load())
	if gaps.Load() > 0 {
		t.Errorf("%d connections were refused", gaps.Load())
	}
	if lost, all := lost.Load(), answered.Load(); lost > 4*int64(len(before)) || all == 0 {
		t.Errorf("%d of %d connections got no answer; each of %d pods may take those that it has with it", lost, all, len(before))
	}
	for _, old := range before {
		for _, now := range b.pods(t, "rolled") {
			if now.uid == old.uid {
				t.Errorf("%s was not replaced", old.name)
			}
		}
	}
	conn := p.dial("rolled")
	echo(t, conn, "after all")
}

// TestScaledToZero holds that a forward without pods waits, says so, and goes on.
func TestScaledToZero(t *testing.T) {
	t.Parallel()
	b := beds(t)
	b.deploy(t, portolan.Deployment, "idle", 1)
	p := serve(t, b, b.kubeconfig())
	p.start("by-service", "service=idle", "remote-port=echo")
	p.start("by-deployment", "workload-type=deployment", "service=idle", "remote-port=echo")
	names := []string{"by-service", "by-deployment"}
	b.scale(t, portolan.Deployment, "idle", 0)
	eventually(t, "no pod any more", func() bool { return len(b.pods(t, "idle")) == 0 })
	p.run("settings", "set", "hold", "1s")
	for _, name := range names {
		for got := error(nil); got == nil; { // the pod may serve on while it ends
			got = exchange(p.dial(name), "x")
		}
		p.refused(name)
		s := p.inPhase(name, portolan.Waiting)
		if s.Fault == nil || s.Fault.Code != portolan.CodeNoReadyPod || !strings.Contains(s.Fault.Message, "idle") {
			t.Errorf("%s says %v", name, s.Fault)
		}
		if status := p.run("status"); !strings.Contains(status, s.Fault.Message) {
			t.Errorf("`portolan status` does not say %q:\n%s", s.Fault.Message, status)
		}
	}
	p.run("settings", "set", "hold", "")
	var held []net.Conn
	for _, name := range names {
		held = append(held, p.dial(name))
	}
	b.scale(t, portolan.Deployment, "idle", 1)
	for i, name := range names {
		echo(t, held[i], "waited for") // no longer than the 15 s of the setting's default
		p.inPhase(name, portolan.Ready)
		echo(t, p.dial(name), "back again")
	}
}

// TestPodsComeAndGo holds which pods get new connections: none that is not ready, and
// none whose end has begun, though it serves on. Those that are there stay.
func TestPodsComeAndGo(t *testing.T) {
	t.Parallel()
	b := beds(t)
	b.deploySteered(t, "steered")
	p := serve(t, b, b.kubeconfig())
	p.start("echo", "service=steered", "remote-port=echo")
	p.start("http", "service=steered", "remote-port=http")
	url := "http://" + p.address("http") + "/"
	first := onlyPod(t, b, "steered")
	live := p.dial("echo")
	echo(t, live, "first")
	greeted(t, url, first.name)

	b.setReady(t, first.name, false)
	p.run("settings", "set", "hold", "1s")
	eventually(t, "nobody to answer", func() bool { _, err := ask(url); return err != nil })
	s := p.inPhase("http", portolan.Waiting)
	if s.Fault == nil || !strings.Contains(s.Fault.Message, "ready") {
		t.Errorf("without a ready pod it says %v", s.Fault)
	}
	echo(t, live, "not ready")
	b.setReady(t, first.name, true)
	eventually(t, "an answer", func() bool { _, err := ask(url); return err == nil })

	b.kill(t, first.name)
	eventually(t, "no answer of a pod that ends", func() bool { _, err := ask(url); return err != nil })
	echo(t, live, "ending")
	eventually(t, "another pod", func() bool { return len(b.pods(t, "steered")) == 1 })
	second := b.pods(t, "steered")[0]
	p.run("settings", "set", "hold", "1m")
	answer := make(chan string, 1)
	go func() {
		said, err := ask(url)
		answer <- fmt.Sprint(said, err)
	}()
	b.setReady(t, second.name, true)
	if got, want := <-answer, fmt.Sprintf("hello from %s\n<nil>", second.name); got != want {
		t.Errorf("the one that waited got %q, want %q", got, want)
	}
	echo(t, live, "still ending")
}

// TestNamesake holds that a pod that takes another's name, as those of a StatefulSet
// do, is not taken for it: what was warm for the one is not used for the other.
func TestNamesake(t *testing.T) {
	t.Parallel()
	b := beds(t)
	b.deploy(t, portolan.StatefulSet, "namesake", 1)
	p := serve(t, b, b.kubeconfig())
	p.start("pod", "workload-type=pod", "pod-name=namesake-0", "remote-port=echo")
	p.start("set", "workload-type=statefulset", "service=namesake", "remote-port=echo")
	names := []string{"pod", "set"}
	for _, name := range names {
		echo(t, p.dial(name), "warm")
	}
	first := onlyPod(t, b, "namesake")
	b.kill(t, first.name)
	eventually(t, "its namesake", func() bool {
		pods := b.pods(t, "namesake")
		return len(pods) == 1 && pods[0].uid != first.uid && pods[0].ready
	})
	for _, name := range names {
		for range 5 {
			echo(t, p.dial(name), "the other")
		}
		if s := p.inPhase(name, portolan.Ready); s.Notice != "" {
			t.Errorf("%s says %q", name, s.Notice)
		}
	}
}

// refused wants a new connection to be taken and then reset: an end in order would
// read as an empty answer.
func (p *program) refused(name string) {
	p.t.Helper()
	conn, err := net.Dial("tcp", p.address(name))
	if err == nil {
		defer conn.Close()
		check(p.t, conn.SetDeadline(time.Now().Add(patience)))
		_, _ = conn.Write([]byte("anybody?")) // may be reset already
		_, err = conn.Read(make([]byte, 1))
	}
	var late net.Error
	if err == nil || errors.Is(err, io.EOF) || errors.As(err, &late) && late.Timeout() || strings.Contains(err.Error(), "refused") {
		p.t.Errorf("%s: got %v; want a reset", name, err)
	}
}
