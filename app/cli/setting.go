package cli

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/portolan-app/portolan/internal/portolan"
)

func (p *program) settingsOf() *cobra.Command {
	return group("settings", "How the engine of this machine behaves", `  portolan settings get
  portolan settings set hold 1m`, p.settingsGet(), p.settingsSet())
}

func (p *program) settingsGet() *cobra.Command {
	return &cobra.Command{
		Use:   "get [NAME]",
		Short: "Print the settings, or the value of one",
		Long:  "Print the settings, or the value of one.\n\n" + settingsHelp() + "\n--output json prints an object, or an array of objects, with name, value, default\nand help.",
		Example: `  portolan settings get
  portolan settings get hold`,
		Args: takes(0, 1, "[NAME]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := p.Connect(cmd.Context(), p.Options)
			if err != nil {
				return err
			}
			settings, err := client.Settings(cmd.Context())
			if err != nil {
				return err
			}
			if len(args) == 0 {
				p.printSettings(settings)
				return nil
			}
			i := slices.IndexFunc(settings, func(s portolan.Setting) bool { return s.Name == args[0] })
			if i < 0 {
				return new(portolan.Settings).Set(args[0], "") // says what there is
			}
			if p.format == "json" {
				p.out.json(settings[i])
			} else {
				p.out.printf("%s\n", settings[i].Value)
			}
			return nil
		},
	}
}

// settingsHelp lists the settings for a help text.
func settingsHelp() string {
	text := ""
	for _, s := range (portolan.Settings{}).List() {
		text += "  " + s.Name + ": " + s.Help + " (default " + s.Default + ")\n"
	}
	return text
}

func (p *program) printSettings(settings []portolan.Setting) {
	if p.format == "json" {
		p.out.json(orEmpty(settings))
		return
	}
	rows := make([][]cell, 0, len(settings))
	for _, s := range settings {
		rows = append(rows, []cell{plain(s.Name), plain(s.Value), faint(s.Default), faint(s.Help)})
	}
	p.out.table([]string{"SETTING", "VALUE", "DEFAULT", "MEANING"}, rows)
}

func (p *program) settingsSet() *cobra.Command {
	return &cobra.Command{
		Use:   "set NAME VALUE",
		Short: "Change a setting, at once and for good",
		Long:  "Change a setting, at once and for good. An empty value ('') brings its default back.\n\n" + settingsHelp(),
		Example: `  portolan settings set hold 1m
  portolan settings set log_level debug
  portolan settings set drain ''`,
		Args: takes(2, 2, "NAME VALUE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := p.connectOrStart(cmd.Context())
			if err != nil {
				return err
			}
			setting, err := client.SetSetting(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			if p.format == "json" {
				p.out.json(setting)
			} else {
				p.out.printf("%s is %s now.\n", bold(setting.Name), setting.Value)
			}
			return nil
		},
	}
}
