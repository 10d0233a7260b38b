package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime/debug"
	"strconv"
	"time"
)

// A contender is a program that forwards as `kubectl port-forward` does, and
// prints its lines.
type contender struct {
	name    string // with its version, where it is a peer
	command []string
	pods    bool // it knows pods only
}

// patience is how long a forwarder may take to listen.
const patience = 30 * time.Second

// peer is whom to measure against: kubectl as installed, or client-go's forwarder
// in this program; with auto, the first of the two that there is.
func peer(ctx context.Context, kind string) (contender, error) {
	kubectl, err := exec.LookPath("kubectl")
	if kind == "auto" {
		kind = "kubectl"
		if err != nil {
			kind = "client-go"
		}
	}
	switch kind {
	case "kubectl":
		if err != nil {
			return contender{}, err
		}
		version, err := kubectlVersion(ctx, kubectl)
		return contender{name: "kubectl " + version, command: []string{kubectl, "port-forward"}}, err
	case "client-go":
		self, err := os.Executable()
		return contender{name: "client-go " + moduleVersion("k8s.io/client-go"), command: []string{self, "peer"}, pods: true}, err
	}
	return contender{}, fmt.Errorf("there is no peer called %q", kind)
}

func kubectlVersion(ctx context.Context, kubectl string) (string, error) {
	out, err := exec.CommandContext(ctx, kubectl, "version", "--client", "--output", "json").Output()
	if err != nil {
		return "", fmt.Errorf("asking kubectl for its version: %w", err)
	}
	var answer struct{ ClientVersion struct{ GitVersion string } }
	if err := json.Unmarshal(out, &answer); err != nil {
		return "", fmt.Errorf("asking kubectl for its version: %w", err)
	}
	return answer.ClientVersion.GitVersion, nil
}

// moduleVersion is the version of a module that this program was built with.
func moduleVersion(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == path {
				return m.Version
			}
		}
	}
	return "unknown"
}

// forwarder is a contender's process that listens.
type forwarder struct {
	addresses map[int]string // by remote port
	listening time.Duration  // from the process's start to its first line

	cmd     *exec.Cmd
	stderr  bytes.Buffer // to be read after the end
	kill    context.CancelFunc
	drained chan struct{}
}

// start runs c in home until all ports listen. The caller ends it.
func (c contender) start(ctx context.Context, home string, p place, ports ...int) (*forwarder, error) {
	ctx, kill := context.WithCancel(ctx)
	target := p.target
	if c.pods {
		target = p.pod
	}
	args := append(c.command[1:len(c.command):len(c.command)], target)
	for _, port := range ports {
		args = append(args, ":"+strconv.Itoa(port))
	}
	cmd := exec.CommandContext(ctx, c.command[0], args...) //nolint:gosec // the contenders are this machine's own
	cmd.Env = append(os.Environ(), "HOME="+home, "PORTOLAN_HOME="+home)
	if p.kubeconfig != "" {
		cmd.Env = append(cmd.Env, "KUBECONFIG="+p.kubeconfig)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		kill()
		return nil, err
	}
	f := &forwarder{addresses: map[int]string{}, cmd: cmd, kill: kill, drained: make(chan struct{})}
	cmd.Stderr = &f.stderr
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		kill()
		return nil, err
	}
	ready := make(chan struct{})
	go func() {
		defer close(f.drained)
		f.read(stdout, begin, len(ports), ready)
	}()
	select {
	case <-ready:
		return f, nil
	case <-f.drained:
		err = errors.New("it ended")
	case <-time.After(patience):
		err = errors.New("it took too long")
	}
	f.end()
	return nil, fmt.Errorf("%s does not listen: %w: %s", c.name, err, f.stderr.Bytes())
}

var forwardingLine = regexp.MustCompile(`^Forwarding from (127\.0\.0\.1:\d+) -> (\d+)$`)

// read takes the addresses from a forwarder's lines, and goes on reading, so
// that it can go on writing. It closes ready when it has as many as wanted.
func (f *forwarder) read(stdout io.Reader, begin time.Time, wanted int, ready chan<- struct{}) {
	lines := bufio.NewScanner(stdout)
	for len(f.addresses) < wanted && lines.Scan() {
		m := forwardingLine.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		if f.listening == 0 {
			f.listening = time.Since(begin)
		}
		if port, err := strconv.Atoi(m[2]); err == nil {
			f.addresses[port] = m[1]
		}
	}
	if len(f.addresses) == wanted {
		close(ready)
	}
	_, _ = io.Copy(io.Discard, stdout)
}

// end kills the process and returns the CPU time that it took in all. Killed: a
// peer may take its time to end, and nothing here is worth saving.
func (f *forwarder) end() time.Duration {
	f.kill()
	<-f.drained
	_ = f.cmd.Wait() // that it was killed is known
	return f.cmd.ProcessState.UserTime() + f.cmd.ProcessState.SystemTime()
}
