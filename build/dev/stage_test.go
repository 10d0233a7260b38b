package main

import (
	"context"
	"testing"
)

// cancelling is an output whose first byte ends a context.
type cancelling struct{ cancel func() }

func (c cancelling) Write(p []byte) (int, error) {
	c.cancel()
	return len(p), nil
}

func TestCtrlCLeavesTheOutcomeToTheProgram(t *testing.T) {
	tests := []struct {
		name   string
		script string
		failed bool
	}{
		{"that ends well", `console.log("up"); setTimeout(() => process.exit(0), 200)`, false},
		{"that fails", `console.log("up"); setTimeout(() => process.exit(3), 200)`, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			out := cancelling{func() { cancel(errInterrupted) }}
			err := Command{Out: out, Args: []string{"node", "-e", tt.script}}.Run(ctx)
			if (err != nil) != tt.failed {
				t.Errorf("Run says %v", err)
			}
		})
	}
}
