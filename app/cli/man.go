package cli

import (
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/portolan-app/portolan/internal/portolan"
)

func (p *program) man() *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write the manual pages into a directory",
		Long: `Write one manual page for each command into the directory DIR, which is made where
there is none. SOURCE_DATE_EPOCH sets their date.`,
		Example: `  portolan man ~/.local/share/man/man1`,
		Args:    takes(1, 1, "DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			root.DisableAutoGenTag = true      // the same program writes the same pages
			err := os.MkdirAll(args[0], 0o755) //nolint:gosec // manual pages are for everybody
			if err == nil {
				err = doc.GenManTree(root, &doc.GenManHeader{Title: "PORTOLAN", Section: "1", Source: "Portolan " + p.Version, Manual: "Portolan"}, args[0])
			}
			if err != nil {
				return &portolan.Fault{Kind: portolan.Failed, Code: "man", Message: "the manual pages cannot be written: " + cause(err),
					Hint: "name a directory that you may write to"}
			}
			if p.format == "json" {
				p.out.json(map[string]string{"directory": args[0]})
			} else {
				p.out.printf("The manual pages are in %s.\n", args[0])
			}
			return nil
		},
	}
}
