package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

// credentialLimit is how long a credential command may take: it may ask a vault,
// and nobody types anything.
const credentialLimit = 30 * time.Second

// splitCommand splits a command line at blanks. A part in single or double quotes
// holds blanks; nothing else has a meaning, for no shell is asked.
func splitCommand(line string) ([]string, error) {
	var argv []string
	var word strings.Builder
	quote, inWord := rune(0), false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, inWord = r, true
		case r == ' ' || r == '\t':
			if inWord {
				argv = append(argv, word.String())
				word.Reset()
			}
			inWord = false
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if inWord {
		argv = append(argv, word.String())
	}
	if quote != 0 || len(argv) == 0 || argv[0] == "" {
		return nil, &portolan.Fault{Kind: portolan.Usage, Code: "credential-command",
			Message: "the credential command cannot be understood",
			Hint:    `write a program and its arguments, such as: --credential-command 'vault read "a secret"'`}
	}
	return argv, nil
}

// tokenOf runs a credential command and takes the first line that it prints. The
// host is in PORTOLAN_HOST. What else it says is not repeated: it handles secrets.
func tokenOf(ctx context.Context, argv []string, host string, limit time.Duration) (portolan.Token, error) {
	unusable := func(why string) error {
		return &portolan.Fault{Kind: portolan.SignIn, Code: "credential-command",
			Message: fmt.Sprintf("the credential command %s gives no token for %s: %s", argv[0], host, why),
			Hint:    "run it by hand with PORTOLAN_HOST=" + host + " and see what it says"}
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(limited, argv[0], argv[1:]...) //nolint:gosec // the person's own command
	cmd.Env = append(os.Environ(), "PORTOLAN_HOST="+host)
	cmd.WaitDelay = time.Second // a child of its own may hold the pipe
	out := &head{left: maxToken + 1}
	cmd.Stdout = out
	err := cmd.Run()
	switch exit := (*exec.ExitError)(nil); {
	case ctx.Err() != nil:
		return portolan.Token{}, ctx.Err()
	case limited.Err() != nil:
		return portolan.Token{}, unusable(fmt.Sprintf("it takes longer than %s", limit))
	case errors.As(err, &exit):
		return portolan.Token{}, unusable("it ended with " + exit.String())
	case err != nil:
		return portolan.Token{}, unusable(err.Error())
	}
	line, _, _ := bytes.Cut(out.data, []byte("\n"))
	text := strings.TrimSpace(string(line))
	if len(line) > maxToken || !isToken(text) {
		return portolan.Token{}, unusable("what it prints is none")
	}
	return portolan.NewToken(text), nil
}

// head keeps the first bytes of what is written to it.
type head struct {
	data []byte
	left int
}

// Write never fails: the command need not know that nobody reads on.
func (h *head) Write(p []byte) (int, error) {
	n := min(len(p), h.left)
	h.data, h.left = append(h.data, p[:n]...), h.left-n
	return len(p), nil
}
