package e2e_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

// TestKubectl holds that the command which a person can copy does what the forward
// does: it is run as it stands, in a shell.
func TestKubectl(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the command is for a POSIX shell")
	}
	for _, program := range []string{"kubectl", "sh", "head"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("there is no %s to run the command with", program)
		}
	}
	b := beds(t)
	b.deploy(t, portolan.Deployment, "copied", 1)
	p := serve(t, b, b.kubeconfig())
	for name, fields := range map[string][]string{
		"service":    {"service=copied", "remote-port=http"},
		"deployment": {"workload-type=deployment", "service=copied", "remote-port=8080"},
		"selector":   {"workload-type=pod", "target=app=copied", "remote-port=http"},
		"address":    {"service=copied", "remote-port=80", "local-address=127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			p.start(name, fields...)
			p.address(name)
			line := p.run("kubectl", "e2e/"+name)
			p.run("stop", "e2e/"+name) // the command is for the same port
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			cmd := exec.CommandContext(ctx, "sh", "-c", "exec "+line)
			cmd.Env = append(os.Environ(), "KUBECONFIG="+b.kubeconfig(), "HOME="+t.TempDir())
			cmd.WaitDelay = time.Second // a child of the shell may live on
			var complaints strings.Builder
			cmd.Stderr = &complaints
			out, err := cmd.StdoutPipe()
			check(t, err)
			check(t, cmd.Start())
			defer func() { cancel(); _ = cmd.Wait() }()
			said, _ := bufio.NewReader(out).ReadString('\n') // what is missing shows below
			address := regexp.MustCompile(`from (\S+) ->`).FindStringSubmatch(said)
			if address == nil {
				cancel()
				t.Fatalf("%s\nsays %q\n%s", line, said, complaints.String())
			}
			greeted(t, "http://"+address[1]+"/", onlyPod(t, b, "copied").name)
		})
	}
}
