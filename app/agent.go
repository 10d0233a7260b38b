package app

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/portolan-app/portolan/app/cli"
	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/engine"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/store"
	"github.com/portolan-app/portolan/internal/system"
)

const (
	drainLimit = 10 * time.Second // how long live connections go on when the agent ends
	goneLimit  = drainLimit + 5*time.Second
	upLimit    = 20 * time.Second // from the start of an agent to its first answer
	again      = 25 * time.Millisecond
)

// failed is the message of the log line that says why an agent ended; whoever
// started it looks for it.
const failed = "agent failed"

// agent runs the engine and its local API without a terminal: what it has to say
// goes to the log in its home.
func (p *program) agent(ctx context.Context, opts cli.AgentOptions) error {
	home, err := p.home(opts.Options)
	if err != nil {
		return err
	}
	file, err := system.OpenLog(home)
	if err != nil {
		return homeFault(home, err)
	}
	defer func() { _ = file.Close() }()
	log := slog.New(slog.NewJSONHandler(file, &slog.HandlerOptions{Level: opts.Level}))
	keepCrashes(home, log)
	slog.SetDefault(log) // also takes the lines of libraries that write to package log
	if err := p.agentAndTray(ctx, home, log, opts); err != nil && !errors.Is(err, context.Canceled) {
		log.Error(failed, "fault", *portolan.AsFault(err)) // not as an error, of which slog keeps only the text
		return err
	}
	log.Info("agent ended")
	return nil
}

// runAgent runs an agent until ctx ends or a client asks for the end. Once it is
// ready it calls face with a context that ends when the agent begins to.
func (p *program) runAgent(ctx context.Context, home string, log *slog.Logger, opts cli.AgentOptions, face func(context.Context, api.API)) error {
	log.Info("agent starts", "version", p.version, "commit", p.commit, "pid", os.Getpid(), "home", home)
	s, err := openWhenFree(ctx, home, log)
	if err != nil {
		return err
	}
	// With the lock in hand: a start-up file of the shell that runs Portolan finds
	// the home in use, and there is no second agent that asks a shell again.
	opts.Options = p.adoptShell(ctx, opts.Options, log)
	cfg, err := p.config(home, opts.Options, log, opts.Level)
	if err != nil {
		return first(err, s.Close())
	}
	cfg.Drain = drainLimit
	told := announce(func(v api.Version) {
		log.Info("agent is ready")
		opts.Ready(v)
	})
	return p.runOver(ctx, s, home, log, cfg, nil, func(ctx context.Context, e *engine.Engine) error {
		if err := told(ctx, e); err != nil {
			return err
		}
		face(ctx, e)
		return nil
	})
}

// openWhenFree opens the store, and waits for one that is still being left: its
// process does not answer any more and only its connections go on.
func openWhenFree(ctx context.Context, home string, log *slog.Logger) (*store.Store, error) {
	client := api.NewClient(api.SocketPath(home))
	for until := time.Now().Add(goneLimit); ; {
		s, err := store.Open(home, log)
		if err == nil || portolan.AsFault(err).Code != "home-in-use" || time.Now().After(until) {
			return s, err
		}
		if _, silent := client.Version(ctx); silent == nil {
			return nil, err
		}
		if err := pause(ctx); err != nil {
			return nil, err
		}
	}
}

// adoptShell makes the environment that of the person's login shell, and returns
// the options that go with it. What depends on who started the agent is a token
// that its starter gave it, with the host it is for: that one goes before the
// shell's.
func (p *program) adoptShell(ctx context.Context, opts cli.Options, log *slog.Logger) cli.Options {
	mine, token := withGiven(opts, p.env), p.env(ownToken)
	p.takeEnvironment(ctx, log)
	if mine.TokenFile == "" && mine.CredentialCommand == "" && token == "" {
		return withGiven(opts, p.env)
	}
	p.env = environmentWith(token)
	mine.GitHubHost = cmp.Or(mine.GitHubHost, defaultHost)
	return mine
}

// takeEnvironment makes the environment that of the person's login shell. Where no
// shell tells, it stays.
func (p *program) takeEnvironment(ctx context.Context, log *slog.Logger) {
	shell := os.Getenv("SHELL")
	if shell == "" {
		return
	}
	began := time.Now()
	found, err := system.ShellEnvironment(ctx, shell)
	if err != nil {
		log.Warn("the environment is not that of your login shell", "shell", shell, "error", err)
		return
	}
	for _, assignment := range os.Environ() {
		if name, _, _ := strings.Cut(assignment, "="); system.OfShell(name) {
			_ = os.Unsetenv(name) // it is there, so it is a valid name
		}
	}
	p.env = environmentWith(found[ownToken])
	delete(found, ownToken)
	for name, value := range found {
		if err := os.Setenv(name, value); err != nil {
			log.Warn("a variable of your login shell cannot be set", "name", name, "error", err)
		}
	}
	log.Info("took the environment of your login shell", "shell", shell, "variables", len(found), "took", time.Since(began).String())
}

// keepCrashes has the runtime write what it says before it gives up, for which an
// agent has no terminal, to a file beside the log.
func keepCrashes(home string, log *slog.Logger) {
	path := filepath.Join(filepath.Dir(system.LogFile(home)), "crash.txt")
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err == nil {
		err = errors.Join(debug.SetCrashOutput(file, debug.CrashOptions{}), file.Close())
	}
	if err != nil {
		log.Warn("a crash would leave no trace", "error", err)
	}
}

// startAgent starts an agent that outlives this process, and returns when it
// answers.
func (p *program) startAgent(ctx context.Context, opts cli.Options) (api.Version, error) {
	home, err := p.home(opts)
	if err != nil {
		return api.Version{}, err
	}
	self, err := p.self()
	if err != nil {
		return api.Version{}, err
	}
	if err := os.MkdirAll(home, 0o700); err != nil {
		return api.Version{}, homeFault(home, err)
	}
	token := p.env(ownToken)
	credential, err := handedOn(withGiven(opts, p.env), token)
	if err != nil {
		return api.Version{}, err
	}
	background := system.Background{Program: self, Args: append([]string{"agent", "--home", home}, credential...), Unit: unitOf(home)}
	if token != "" {
		background.Env = []string{ownToken + "=" + token}
	}
	from := logEnd(home)
	child, err := background.Start(ctx)
	if err != nil {
		return api.Version{}, &portolan.Fault{Kind: portolan.Failed, Code: "agent-start",
			Message: fmt.Sprintf("Portolan cannot be started in the background (%s): %v", self, err),
			Hint:    "run it in a terminal of its own: portolan serve"}
	}
	v, err := awaitAgent(ctx, home, from, endOf(child))
	if child != nil && (err != nil || v.PID != child.Pid) {
		_ = child.Kill() // another one's agent answers; ours must not take the home when that one ends
	}
	return v, err
}

// self is the program that plays the agent: this one, or, where this one is linked
// with a window, the one beside it that is not and takes less memory. What an
// AppImage holds is there only while it runs, so that it is started as a whole.
func (p *program) self() (string, error) {
	self, err := system.Program(os.Args[0], p.env)
	if err != nil || !windowed || self == p.env("APPIMAGE") {
		return self, err
	}
	if headless := beside(self, "portolan"); headless != "" {
		return headless, nil
	}
	return self, nil
}

// endOf is closed when a process has ended. It is nil where that is not ours to
// know.
func endOf(child *os.Process) <-chan struct{} {
	if child == nil {
		return nil
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = child.Wait() // why it ended is in its log
	}()
	return ended
}

// unitOf names the agent of a home, so that a service manager runs one of it.
func unitOf(home string) string {
	sum := sha256.Sum256([]byte(home))
	return "portolan-" + hex.EncodeToString(sum[:4])
}

// awaitAgent waits until the agent of a home answers, or its log says behind an
// offset why it ended, or it has ended without a word.
func awaitAgent(ctx context.Context, home string, from int64, ended <-chan struct{}) (api.Version, error) {
	client := api.NewClient(api.SocketPath(home))
	for until := time.Now().Add(upLimit); ; {
		over := isClosed(ended)        // asked first: then all that it had to say has been said
		fault := failureIn(home, from) // read first: another one's agent may be up, which made ours give way
		v, err := client.Version(ctx)
		if err == nil {
			return v, nil
		}
		if code := portolan.AsFault(err).Code; code != "not-running" && code != "connection-lost" && code != "stopped" {
			return v, err
		}
		if fault != nil {
			fault.Message = "Portolan did not start: " + fault.Message
			return v, fault
		}
		if over || time.Now().After(until) {
			return v, silence(home, over)
		}
		if err := pause(ctx); err != nil {
			return v, err
		}
	}
}

// silence is the fault of an agent that neither answers nor says why: most likely
// nothing can be written to its home, and so no log either.
func silence(home string, over bool) error {
	if err := store.Check(home); err != nil {
		fault := *portolan.AsFault(err)
		fault.Message = "Portolan did not start: " + fault.Message
		return &fault
	}
	message := fmt.Sprintf("Portolan does not answer within %v of its start", upLimit)
	if over {
		message = "Portolan ended as soon as it was started"
	}
	return &portolan.Fault{Kind: portolan.Failed, Code: "agent-start",
		Message: message, Hint: "see its log: " + system.LogFile(home)}
}

// isClosed reports whether a channel that carries nothing is closed; nil never is.
func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// logEnd is where the next line of the log of a home will be.
func logEnd(home string) int64 {
	info, err := os.Stat(system.LogFile(home))
	if err != nil {
		return 0
	}
	return info.Size()
}

// failureIn returns the last fault of which an agent died, as the log says behind
// an offset, or nil.
func failureIn(home string, from int64) (fault *portolan.Fault) {
	file, err := os.Open(system.LogFile(home))
	if err != nil {
		return nil
	}
	defer func() { _ = file.Close() }()
	if logEnd(home) < from {
		from = 0 // a new file meanwhile
	}
	lines := bufio.NewScanner(io.NewSectionReader(file, from, 1<<20))
	for lines.Scan() {
		var line struct {
			Msg   string          `json:"msg"`
			Fault *portolan.Fault `json:"fault"`
		}
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == failed && line.Fault != nil {
			fault = line.Fault
		}
	}
	return fault
}

// stopAgent ends the running engine and returns when its home is free.
func (p *program) stopAgent(ctx context.Context, opts cli.Options) (api.Version, error) {
	home, err := p.home(opts)
	if err != nil {
		return api.Version{}, err
	}
	client := api.NewClient(api.SocketPath(home))
	v, err := client.Version(ctx)
	if err != nil {
		return v, err
	}
	if err := client.Shutdown(ctx); err != nil {
		return v, err
	}
	for until := time.Now().Add(goneLimit); !left(home, v.PID); {
		if time.Now().After(until) {
			return v, &portolan.Fault{Kind: portolan.Failed, Code: "agent-stop",
				Message: fmt.Sprintf("Portolan (pid %d) was asked to stop, but still runs after %v", v.PID, goneLimit),
				Hint:    "end the process yourself; what was started runs again next time"}
		}
		if err := pause(ctx); err != nil {
			return v, err
		}
	}
	return v, nil
}

// left reports whether a process no longer holds a home.
func left(home string, pid int) bool {
	holder := store.Holder(home)
	return holder != pid && (holder != 0 || store.Free(home))
}

// atLogin makes an agent start at each login, or at none.
func (p *program) atLogin(ctx context.Context, opts cli.Options, on bool) (string, error) {
	self, err := p.self()
	if err != nil {
		return "", err
	}
	login := system.Login{Program: self}
	if login.Flags, err = handedOn(opts, ""); err != nil {
		return "", err
	}
	if opts.Home != "" {
		if login.Home, err = p.home(opts); err != nil {
			return "", err
		}
	}
	change := login.Install
	if !on {
		change = login.Uninstall
	}
	where, err := change(ctx)
	if err != nil {
		return where, &portolan.Fault{Kind: portolan.Failed, Code: "start-at-login",
			Message: fmt.Sprintf("what starts at login cannot be changed: %s: %v", where, err),
			Hint:    "see whether that place is yours to write"}
	}
	return where, nil
}

func homeFault(home string, err error) *portolan.Fault {
	return &portolan.Fault{Kind: portolan.Failed, Code: "store-permission",
		Message: fmt.Sprintf("the home directory %s cannot be used: %v", home, err),
		Hint:    "make it writable for you, or choose another one with PORTOLAN_HOME"}
}

// pause waits a moment before something is looked at again.
func pause(ctx context.Context) error {
	select {
	case <-time.After(again):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
