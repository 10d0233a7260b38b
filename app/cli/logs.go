package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/portolan-app/portolan/internal/portolan"
)

func (p *program) logs() *cobra.Command {
	var following bool
	var level slog.LevelVar
	level.Set(slog.LevelDebug)
	lines := 100
	c := &cobra.Command{
		Use:   "logs",
		Short: "Show what the agent has logged",
		Long: `Show the last lines of the agent's log, and with --follow those to come, until
Ctrl-C. No agent needs to run. What "portolan serve" does is logged to its own
terminal, and not here.

--output json prints one object a line with time, level, msg and what else was
logged.`,
		Example: `  portolan logs --follow
  portolan logs --level warn --lines 20`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, err := p.LogFile(p.Options)
			if err != nil {
				return err
			}
			return untilInterrupted(p.runLogs(cmd.Context(), path, lines, level.Level(), following))
		},
	}
	c.Flags().BoolVarP(&following, "follow", "f", false, "go on with what is logged from now on")
	c.Flags().IntVarP(&lines, "lines", "n", lines, "how many of the last lines to show")
	c.Flags().Var(setter{"LEVEL", func(text string) error {
		if level.UnmarshalText([]byte(text)) != nil {
			return errors.New("it must be debug, info, warn or error")
		}
		return nil
	}, nil}, "level", "only what is at least: debug (default), info, warn, error")
	return c
}

func (p *program) runLogs(ctx context.Context, path string, lines int, level slog.Level, following bool) error {
	file, err := os.Open(path) //nolint:gosec // a place of our own
	if errors.Is(err, fs.ErrNotExist) {
		return &portolan.Fault{Kind: portolan.Failed, Code: "no-log", Message: "there is no log yet: " + path,
			Hint: "the agent writes it; portolan serve logs to its own terminal"}
	}
	if err != nil {
		return logFault(err)
	}
	reader := &tail{path: path, file: file}
	defer func() { reader.file.Close() }()
	older, err := os.ReadFile(path + ".1") //nolint:gosec // the part before this one
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return logFault(err)
	}
	newer, err := reader.more()
	if err != nil {
		return logFault(err)
	}
	var last []record
	for line := range bytes.Lines(append(older, newer...)) {
		if r := parseRecord(line); r.level >= level {
			last = append(last, r)
		}
	}
	for _, r := range last[max(0, len(last)-lines):] {
		p.printRecord(r)
	}
	for following && p.out.failed == nil {
		select {
		case <-time.After(logPause):
		case <-ctx.Done():
			return ctx.Err()
		}
		more, err := reader.more()
		if err != nil {
			return logFault(err)
		}
		for line := range bytes.Lines(more) {
			if r := parseRecord(line); r.level >= level {
				p.printRecord(r)
			}
		}
	}
	return nil
}

// logPause is how often a followed log is looked at.
const logPause = 200 * time.Millisecond

func logFault(err error) error {
	return &portolan.Fault{Kind: portolan.Failed, Code: "log-unreadable", Message: "the log cannot be read: " + err.Error(),
		Hint: "it belongs to the user whom the agent runs as"}
}

// tail reads what is appended to a file, also when another takes its name.
type tail struct {
	path string
	file *os.File
	rest []byte // of a line that is not finished
}

// more returns the whole lines that were written since the last call.
func (t *tail) more() ([]byte, error) {
	data, err := io.ReadAll(t.file)
	if err != nil {
		return nil, err
	}
	data = append(t.rest, data...)
	if next := t.next(); next != nil {
		// What was written between the read and the renaming is still to come.
		end, err := io.ReadAll(t.file)
		t.file.Close()
		t.file = next
		if err != nil {
			return nil, err
		}
		begin, err := io.ReadAll(next)
		if err != nil {
			return nil, err
		}
		data = append(append(data, end...), begin...)
	}
	cut := bytes.LastIndexByte(data, '\n') + 1
	t.rest = bytes.Clone(data[cut:])
	return data[:cut], nil
}

// next is the file that has taken the name, opened, or nil.
func (t *tail) next() *os.File {
	now, err := os.Stat(t.path)
	if err != nil {
		return nil // between two names
	}
	if mine, err := t.file.Stat(); err != nil || os.SameFile(mine, now) {
		return nil
	}
	next, err := os.Open(t.path)
	if err != nil {
		return nil
	}
	return next
}

// record is one line of a log.
type record struct {
	level slog.Level
	line  string
}

var levelWord = regexp.MustCompile(`(?:^|\s)level=(\S+)`)

// parseRecord reads a line as [slog.TextHandler] writes it. What is none has the
// highest level, so that no filter hides it.
func parseRecord(line []byte) record {
	r := record{level: slog.LevelError, line: strings.TrimRight(string(line), "\r\n")}
	if word := levelWord.FindStringSubmatch(r.line); word != nil {
		var level slog.Level
		if level.UnmarshalText([]byte(word[1])) == nil {
			r.level = level
		}
	}
	return r
}

func (p *program) printRecord(r record) {
	if p.format == "json" {
		p.out.jsonLine(r.fields())
		return
	}
	paint := plain
	switch {
	case r.level >= slog.LevelError:
		paint = red
	case r.level >= slog.LevelWarn:
		paint = yellow
	case r.level < slog.LevelInfo:
		paint = faint
	}
	p.out.printf("%s\n", paint(r.line))
}

// fields are the keys and values of the line; a line without any is its own msg.
func (r record) fields() map[string]string {
	fields := map[string]string{}
	for _, word := range words(r.line) {
		key, value, ok := strings.Cut(word, "=")
		if text, err := strconv.Unquote(value); err == nil {
			value = text
		}
		if ok {
			fields[key] = value
		}
	}
	if _, ok := fields["msg"]; !ok {
		return map[string]string{"level": r.level.String(), "msg": r.line}
	}
	return fields
}

// words splits a line at the blanks that are not within quotes.
func words(line string) (list []string) {
	begin, quoted := 0, false
	for i := 0; i < len(line); i++ {
		switch {
		case quoted && line[i] == '\\':
			i++
		case line[i] == '"':
			quoted = !quoted
		case line[i] == ' ' && !quoted:
			list, begin = append(list, line[begin:i]), i+1
		}
	}
	return append(list, line[begin:])
}
