//go:build !unix

package cli

import "os"

// passedOn are the signals that a command gets which is run here.
func passedOn() []os.Signal { return []os.Signal{os.Interrupt} }

func codeOf(state *os.ProcessState) int { return state.ExitCode() }
