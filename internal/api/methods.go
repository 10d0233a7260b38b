package api

import (
	"context"

	"github.com/portolan-app/portolan/internal/portolan"
)

// The arguments of the methods that take more than one, as they travel.
type (
	addEntry struct {
		Environment string `json:"environment"`
		Fields      Fields `json:"fields"`
	}
	editEntry struct {
		ID     portolan.ID `json:"id"`
		Fields Fields      `json:"fields"`
		Here   bool        `json:"here"`
	}
	removeSource struct {
		Name string `json:"name"`
		Keep bool   `json:"keep"`
	}
	importFile struct {
		Environment string `json:"environment"`
		Data        []byte `json:"data"`
	}
	answer struct {
		Superseded string `json:"superseded"`
		Answer     Answer `json:"answer"`
	}
	mapContext struct {
		Environment string `json:"environment"`
		Team        string `json:"team"`
		Mine        string `json:"mine"`
	}
	revoke struct {
		Source string `json:"source"`
		Effect string `json:"effect"`
		Value  string `json:"value"`
	}
	setSetting struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	favourite struct {
		ID portolan.ID `json:"id"`
		On bool        `json:"on"`
	}
	revisionOf struct {
		Source string `json:"source"`
		Number uint64 `json:"number"`
	}
	approve struct {
		Source string `json:"source"`
		SHA    string `json:"sha"`
	}
	history struct {
		Source string `json:"source"`
		Limit  int    `json:"limit"`
	}
	raise struct { // asked of windows, and what one is told
		Page string `json:"page,omitempty"`
	}
	nothing struct{}
)

// routes is the whole of the wire: one path per method of [API]. [Client] calls
// the same paths with the same types. Only Hold, whose answer does not end, is in
// the server itself.
func routes(a API) map[string]route {
	return map[string]route{
		"version":    do(func(ctx context.Context, _ nothing) (Version, error) { return a.Version(ctx) }),
		"view":       do(func(ctx context.Context, _ nothing) (portolan.View, error) { return a.View(ctx) }),
		"changes":    do(a.Changes),
		"counters":   do(a.Counters),
		"source/add": do(a.AddSource),
		"look":       do(a.Look),
		"source/set": tell(a.SetSource),
		"source/remove": tell(func(ctx context.Context, q removeSource) error {
			return a.RemoveSource(ctx, q.Name, q.Keep)
		}),
		"source/confirm": do(a.ConfirmSource),
		"sync":           do(a.Sync),
		"preview":        do(a.Preview),
		"pause":          tell(a.Pause),
		"review":         do(a.Review),
		"review/approve": do(func(ctx context.Context, q approve) (SyncResult, error) {
			return a.Approve(ctx, q.Source, q.SHA)
		}),
		"source/hold":   tell(a.HoldSource),
		"source/resume": do(a.ResumeSource),
		"source/restore": do(func(ctx context.Context, q revisionOf) (SyncResult, error) {
			return a.Restore(ctx, q.Source, q.Number)
		}),
		"start": do(a.Start),
		"stop":  do(a.Stop),
		"add": do(func(ctx context.Context, q addEntry) (portolan.ForwardView, error) {
			return a.Add(ctx, q.Environment, q.Fields)
		}),
		"edit": do(func(ctx context.Context, q editEntry) (portolan.ForwardView, error) {
			return a.Edit(ctx, q.ID, q.Fields, q.Here)
		}),
		"remove": tell(a.Remove),
		"import": do(func(ctx context.Context, q importFile) ([]portolan.Row, error) {
			return a.Import(ctx, q.Environment, q.Data)
		}),
		"favourite": tell(func(ctx context.Context, q favourite) error {
			return a.SetFavourite(ctx, q.ID, q.On)
		}),
		"favourite/order": tell(a.OrderFavourites),
		"undo":            tell(a.Undo),
		"events":          do(a.Events),
		"kubectl":         do(a.Kubectl),
		"export":          do(a.Export),
		"confirm":         do(a.Confirm),
		"answer": tell(func(ctx context.Context, q answer) error {
			return a.Answer(ctx, q.Superseded, q.Answer)
		}),
		"context/map": tell(func(ctx context.Context, q mapContext) error {
			return a.MapContext(ctx, q.Environment, q.Team, q.Mine)
		}),
		"context/list":  do(func(ctx context.Context, _ nothing) (Contexts, error) { return a.Contexts(ctx) }),
		"targets":       do(a.Targets),
		"checkup":       do(func(ctx context.Context, _ nothing) ([]portolan.Check, error) { return a.Checkup(ctx) }),
		"trust/list":    do(func(ctx context.Context, _ nothing) ([]portolan.Consent, error) { return a.Consents(ctx) }),
		"trust/revoke":  tell(func(ctx context.Context, q revoke) error { return a.Revoke(ctx, q.Source, q.Effect, q.Value) }),
		"settings/list": do(func(ctx context.Context, _ nothing) ([]portolan.Setting, error) { return a.Settings(ctx) }),
		"settings/set": do(func(ctx context.Context, q setSetting) (portolan.Setting, error) {
			return a.SetSetting(ctx, q.Name, q.Value)
		}),
		"history": do(func(ctx context.Context, q history) ([]Revision, error) { return a.History(ctx, q.Source, q.Limit) }),
		"history/rows": do(func(ctx context.Context, q revisionOf) ([]portolan.Row, error) {
			return a.RevisionRows(ctx, q.Source, q.Number)
		}),
		"diff":             do(a.Diff),
		"auth/sign-in":     do(a.SignIn),
		"auth/device":      do(a.Device),
		"auth/device-wait": do(a.DeviceWait),
		"auth/sign-out":    do(a.SignOut),
		"auth/accounts":    do(func(ctx context.Context, _ nothing) ([]portolan.Host, error) { return a.Accounts(ctx) }),
		"web/link":         do(func(ctx context.Context, _ nothing) (string, error) { return a.WebLink(ctx) }),
		"raise":            do(func(ctx context.Context, q raise) (bool, error) { return a.Raise(ctx, q.Page) }),
		"raised": do(func(ctx context.Context, _ nothing) (raise, error) {
			page, err := a.Raised(ctx)
			return raise{page}, err
		}),
		"log-level": tell(a.SetLogLevel),
		"shutdown":  tell(func(ctx context.Context, _ nothing) error { return a.Shutdown(ctx) }),
		"quit":      tell(func(ctx context.Context, _ nothing) error { return a.Quit(ctx) }),
	}
}
