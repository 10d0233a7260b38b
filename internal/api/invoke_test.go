package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

func TestInvoke(t *testing.T) {
	var called []any
	engine := &echo{called: func(m string, args ...any) { called = append([]any{m}, args...) }}
	answer, err := api.Invoke(t.Context(), engine, "counters", []byte(`["1"]`))
	var counters []portolan.Counters
	if err != nil || json.Unmarshal(answer, &counters) != nil || len(counters) != 1 || counters[0].Received != 5 {
		t.Errorf("counters: %s, %v", answer, err)
	}
	if len(called) != 2 || called[0] != "Counters" {
		t.Errorf("called %v", called)
	}

	for method, body := range map[string]string{"no-such": `{}`, "counters": `{"not":"a list"}`} {
		if _, err := api.Invoke(t.Context(), engine, method, []byte(body)); portolan.AsFault(err).Code != "request-unreadable" {
			t.Errorf("%s %s: %v", method, body, err)
		}
	}

	engine.fault = &portolan.Fault{Kind: portolan.Failed, Code: "c", Message: "m"}
	if _, err := api.Invoke(t.Context(), engine, "view", []byte(`{}`)); !errors.Is(err, engine.fault) {
		t.Errorf("a fault came out as %v", err)
	}

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := api.Invoke(gone, engine, "changes", []byte(`3`)); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended call came out as %v", err)
	}
}
