package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
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
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &portolan.Fault{Kind: portolan.Failed, Code: "no-log", Message: "there is no log yet: " + path,
			Hint: "the agent writes it; portolan serve logs to its own terminal"}
	}
	if err != nil {
		return logFault(err)
	}
	reader := &tail{path: path, file: file}
	defer func() { reader.file.Close() }()
	older, err := os.ReadFile(path + ".1") // the part before this one
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
		_ = t.file.Close() // it was only read
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
	line  []byte
	json  bool // as [slog.JSONHandler] writes it
}

// parseRecord reads a line. What is none of a logger's has the highest level, so
// that no filter hides it.
func parseRecord(line []byte) record {
	r := record{level: slog.LevelError, line: bytes.TrimRight(line, "\r\n")}
	var head struct {
		Level *slog.Level `json:"level"`
	}
	if json.Unmarshal(r.line, &head) == nil && head.Level != nil {
		r.level, r.json = *head.Level, true
	}
	return r
}

func (p *program) printRecord(r record) {
	switch {
	case p.format == "json" && r.json:
		p.out.jsonLine(json.RawMessage(r.line))
		return
	case p.format == "json":
		p.out.jsonLine(map[string]string{"level": r.level.String(), "msg": string(r.line)})
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
	p.out.printf("%s\n", paint(r.text()))
}

// text is the record on one line: when, how bad, what, and the rest in its order.
func (r record) text() string {
	if !r.json {
		return string(r.line)
	}
	var at, msg, rest string
	members := json.NewDecoder(bytes.NewReader(r.line))
	_, _ = members.Token() // {
	for members.More() {
		var value json.RawMessage
		name, err := members.Token()
		if err == nil {
			err = members.Decode(&value)
		}
		if err != nil {
			return string(r.line)
		}
		text := string(value)
		_ = json.Unmarshal(value, &text) // what is no string stays as it is
		switch name {
		case slog.TimeKey:
			at = text
			if t, err := time.Parse(time.RFC3339, text); err == nil {
				at = t.Local().Format(time.DateTime)
			}
		case slog.MessageKey:
			msg = text
		case slog.LevelKey:
		default:
			rest += fmt.Sprintf(" %s=%s", name, quote(text))
		}
	}
	return fmt.Sprintf("%s %-5s %s%s", at, r.level, msg, rest)
}
