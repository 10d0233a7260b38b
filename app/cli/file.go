package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// maxFile is how much of a file is read: one byte more than any valid one has,
// so that the reader of the file says what is wrong.
const maxFile = portolan.MaxFileBytes + 1

func (p *program) importFile() *cobra.Command {
	var environment string
	c := &cobra.Command{
		Use:   "import {FILE | -}",
		Short: "Add the entries of an environment file as your own",
		Long: `Add the entries of an environment file, Portolan's or kftray's, as entries of this
machine only. "-" reads standard input. --output json prints the rows that
"portolan sync" prints.`,
		Example: `  portolan import kftray.json --env dev
  portolan export --env dev | portolan import - --env copy`,
		Args: takes(1, 1, "FILE, or - for standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if environment == "" && args[0] == "-" {
				return usagef(cmd, "%s - needs --env ENVIRONMENT", verb(cmd))
			}
			if environment == "" {
				environment = strings.TrimSuffix(filepath.Base(args[0]), filepath.Ext(args[0]))
			}
			data, err := p.readInput(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return p.runImport(cmd.Context(), environment, data)
		},
	}
	c.Flags().StringVar(&environment, "env", "", "`ENVIRONMENT` to add them to (default: the file's name without .json)")
	return c
}

func (p *program) runImport(ctx context.Context, environment string, data []byte) error {
	client, err := p.connectOrStart(ctx)
	if err != nil {
		return err
	}
	rows, err := client.Import(ctx, environment, data)
	if err != nil {
		return err
	}
	if p.format == "json" {
		p.out.json(orEmpty(rows))
		return nil
	}
	p.out.printf("%s: %s\n", bold(environment), counts(rows))
	p.printRows(rows)
	return nil
}

// readInput reads a file, or standard input for "-".
func (p *program) readInput(ctx context.Context, path string) ([]byte, error) {
	if path == "-" {
		data, err := interruptible(ctx, func() ([]byte, error) { return io.ReadAll(io.LimitReader(p.Stdin, maxFile)) })
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return data, unreadable("standard input", err)
	}
	data, err := readFile(path)
	return data, unreadable(path, err)
}

// interruptible returns what read returns. When ctx ends first it leaves the read
// behind: nothing can cut short one from a terminal or a pipe.
func interruptible(ctx context.Context, read func() ([]byte, error)) ([]byte, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		data, err := read()
		done <- result{data, err}
	}()
	select {
	case r := <-done:
		return r.data, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile))
}

// unreadable makes a fault of the error of a read; nil stays nil.
func unreadable(what string, err error) error {
	if err == nil {
		return nil
	}
	return &portolan.Fault{Kind: portolan.Usage, Code: "unreadable",
		Message: fmt.Sprintf("%s cannot be read: %s", what, cause(err)), Hint: "check the path and its permissions"}
}

// cause is what the system said of a file, without the path that the message
// around it names already.
func cause(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

func (p *program) export() *cobra.Command {
	var sel api.Selection
	c := &cobra.Command{
		Use:   "export [[SOURCE:][ENV/]NAME... | --env ENV | --all]",
		Short: "Print entries as an environment file",
		Long: `Print entries as one environment file, with what the team and you have set, but
without the facts of this machine. Without an argument all entries are printed.`,
		Example: `  portolan export --env dev > dev.json
  portolan export staging/api`,
		RunE: func(cmd *cobra.Command, args []string) error {
			sel.Names = args
			sel.All = sel.All || len(args) == 0 && sel.Environment == "" && sel.Source == ""
			client, err := p.Connect(cmd.Context(), p.Options)
			if err != nil {
				return err
			}
			data, err := client.Export(cmd.Context(), sel)
			if err != nil {
				return err
			}
			_, _ = p.out.Write(data) // the screen remembers a failure
			return nil
		},
	}
	selectFlags(c, &sel)
	return c
}
