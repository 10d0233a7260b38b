package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Client is an [API] that speaks to a running engine over its socket.
type Client struct {
	http http.Client
}

var _ API = (*Client)(nil)

// NewClient returns a client of the engine that listens at path. It does not
// connect yet; each method fails with the code "not-running" while nothing
// listens there, and with "socket-not-private" where another user could.
func NewClient(path string) *Client {
	dialer := net.Dialer{Timeout: 3 * time.Second}
	return &Client{http: http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			if err := trusted(path); err != nil {
				return nil, notPrivate(err)
			}
			conn, err := dialer.DialContext(ctx, "unix", path)
			if err != nil {
				return nil, err
			}
			if err := stranger(conn.(*net.UnixConn)); err != nil {
				_ = conn.Close()
				return nil, notPrivate(err)
			}
			return conn, nil
		},
	}}}
}

func notPrivate(err error) error {
	return &portolan.Fault{
		Kind: portolan.Failed, Code: "socket-not-private",
		Message: "somebody else may be listening in the place of Portolan: " + err.Error(),
		Hint:    "set PORTOLAN_HOME to a directory of your own, and start it there with: portolan agent start",
	}
}

// call sends q to a method and reads its answer.
func call[Q, A any](ctx context.Context, c *Client, method string, q Q) (A, error) {
	var a A
	answer, err := c.post(ctx, method, q)
	if err != nil {
		return a, err
	}
	defer func() { _ = answer.Close() }()
	if err := json.NewDecoder(answer).Decode(&a); err != nil {
		return a, connectionFault(ctx, err)
	}
	return a, nil
}

// post sends q to a method and returns its answer, which the caller closes.
func (c *Client) post(ctx context.Context, method string, q any) (io.ReadCloser, error) {
	body, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://portolan/"+method, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set(levelHeader, strconv.Itoa(Level))
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, connectionFault(ctx, err)
	}
	if resp.StatusCode == http.StatusOK {
		return resp.Body, nil
	}
	defer func() { _ = resp.Body.Close() }()
	var fault portolan.Fault
	if err := json.NewDecoder(resp.Body).Decode(&fault); err != nil {
		return nil, &portolan.Fault{Kind: portolan.Failed, Code: "answer-unreadable",
			Message: fmt.Sprintf("the running Portolan answered %s, which this program does not understand", resp.Status),
			Hint:    restart}
	}
	return nil, &fault
}

func connectionFault(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if f := (*portolan.Fault)(nil); errors.As(err, &f) {
		return f
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return &portolan.Fault{
			Kind: portolan.Unavailable, Code: "not-running",
			Message: "Portolan is not running",
			Hint:    "start it with: portolan agent start, or in the foreground with: portolan serve",
		}
	}
	return &portolan.Fault{
		Kind: portolan.Unavailable, Code: "connection-lost",
		Message: "the running Portolan stopped answering: " + err.Error(),
		Hint:    "see whether it still runs with: portolan status",
	}
}

// order is call for a method without a result.
func order[Q any](ctx context.Context, c *Client, method string, q Q) error {
	_, err := call[Q, nothing](ctx, c, method, q)
	return err
}

// Version implements [API].
func (c *Client) Version(ctx context.Context) (Version, error) {
	return call[nothing, Version](ctx, c, "version", nothing{})
}

// View implements [API].
func (c *Client) View(ctx context.Context) (portolan.View, error) {
	return call[nothing, portolan.View](ctx, c, "view", nothing{})
}

// Changes implements [API].
func (c *Client) Changes(ctx context.Context, since int64) (portolan.Changes, error) {
	return call[int64, portolan.Changes](ctx, c, "changes", since)
}

// Counters implements [API].
func (c *Client) Counters(ctx context.Context, ids []portolan.ID) ([]portolan.Counters, error) {
	return call[[]portolan.ID, []portolan.Counters](ctx, c, "counters", ids)
}

// AddSource implements [API].
func (c *Client) AddSource(ctx context.Context, add AddSource) (SyncResult, error) {
	return call[AddSource, SyncResult](ctx, c, "source/add", add)
}

// Look implements [API].
func (c *Client) Look(ctx context.Context, add AddSource) (Access, error) {
	return call[AddSource, Access](ctx, c, "look", add)
}

// SetSource implements [API].
func (c *Client) SetSource(ctx context.Context, config portolan.SourceConfig) error {
	return order(ctx, c, "source/set", config)
}

// RemoveSource implements [API].
func (c *Client) RemoveSource(ctx context.Context, name string, keep bool) error {
	return order(ctx, c, "source/remove", removeSource{name, keep})
}

// ConfirmSource implements [API].
func (c *Client) ConfirmSource(ctx context.Context, name string) (SyncResult, error) {
	return call[string, SyncResult](ctx, c, "source/confirm", name)
}

// Sync implements [API].
func (c *Client) Sync(ctx context.Context, names []string) ([]SyncResult, error) {
	return call[[]string, []SyncResult](ctx, c, "sync", names)
}

// Preview implements [API].
func (c *Client) Preview(ctx context.Context, names []string) ([]SyncResult, error) {
	return call[[]string, []SyncResult](ctx, c, "preview", names)
}

// Pause implements [API].
func (c *Client) Pause(ctx context.Context, on bool) error {
	return order(ctx, c, "pause", on)
}

// Review implements [API].
func (c *Client) Review(ctx context.Context, source string) (Review, error) {
	return call[string, Review](ctx, c, "review", source)
}

// Approve implements [API].
func (c *Client) Approve(ctx context.Context, source, sha string) (SyncResult, error) {
	return call[approve, SyncResult](ctx, c, "review/approve", approve{source, sha})
}

// HoldSource implements [API].
func (c *Client) HoldSource(ctx context.Context, source string) error {
	return order(ctx, c, "source/hold", source)
}

// ResumeSource implements [API].
func (c *Client) ResumeSource(ctx context.Context, source string) (SyncResult, error) {
	return call[string, SyncResult](ctx, c, "source/resume", source)
}

// Restore implements [API].
func (c *Client) Restore(ctx context.Context, source string, number uint64) (SyncResult, error) {
	return call[revisionOf, SyncResult](ctx, c, "source/restore", revisionOf{source, number})
}

// Diff implements [API].
func (c *Client) Diff(ctx context.Context, q DiffQuery) ([]portolan.Row, error) {
	return call[DiffQuery, []portolan.Row](ctx, c, "diff", q)
}

// Start implements [API].
func (c *Client) Start(ctx context.Context, sel Selection) ([]portolan.ForwardView, error) {
	return call[Selection, []portolan.ForwardView](ctx, c, "start", sel)
}

// Hold implements [API].
func (c *Client) Hold(ctx context.Context, q Hold, held func([]portolan.ForwardView)) error {
	answer, err := c.post(ctx, "hold", q)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Close() }()
	var forwards []portolan.ForwardView
	if err = json.NewDecoder(answer).Decode(&forwards); err == nil {
		held(forwards)
		_, err = io.Copy(io.Discard, answer) // it ends when the engine does
	}
	return connectionFault(ctx, cmp.Or(err, io.EOF))
}

// Stop implements [API].
func (c *Client) Stop(ctx context.Context, sel Selection) ([]portolan.ForwardView, error) {
	return call[Selection, []portolan.ForwardView](ctx, c, "stop", sel)
}

// Add implements [API].
func (c *Client) Add(ctx context.Context, environment string, fields Fields) (portolan.ForwardView, error) {
	return call[addEntry, portolan.ForwardView](ctx, c, "add", addEntry{environment, fields})
}

// Edit implements [API].
func (c *Client) Edit(ctx context.Context, id portolan.ID, fields Fields, here bool) (portolan.ForwardView, error) {
	return call[editEntry, portolan.ForwardView](ctx, c, "edit", editEntry{id, fields, here})
}

// Remove implements [API].
func (c *Client) Remove(ctx context.Context, id portolan.ID) error {
	return order(ctx, c, "remove", id)
}

// Import implements [API].
func (c *Client) Import(ctx context.Context, environment string, data []byte) ([]portolan.Row, error) {
	return call[importFile, []portolan.Row](ctx, c, "import", importFile{environment, data})
}

// Export implements [API].
func (c *Client) Export(ctx context.Context, sel Selection) ([]byte, error) {
	return call[Selection, []byte](ctx, c, "export", sel)
}

// Confirm implements [API].
func (c *Client) Confirm(ctx context.Context, id portolan.ID) (portolan.ForwardView, error) {
	return call[portolan.ID, portolan.ForwardView](ctx, c, "confirm", id)
}

// SetFavourite implements [API].
func (c *Client) SetFavourite(ctx context.Context, id portolan.ID, on bool) error {
	return order(ctx, c, "favourite", favourite{id, on})
}

// OrderFavourites implements [API].
func (c *Client) OrderFavourites(ctx context.Context, ids []portolan.ID) error {
	return order(ctx, c, "favourite/order", ids)
}

// Undo implements [API].
func (c *Client) Undo(ctx context.Context, id string) error {
	return order(ctx, c, "undo", id)
}

// Events implements [API].
func (c *Client) Events(ctx context.Context, id portolan.ID) ([]portolan.Event, error) {
	return call[portolan.ID, []portolan.Event](ctx, c, "events", id)
}

// Kubectl implements [API].
func (c *Client) Kubectl(ctx context.Context, id portolan.ID) (string, error) {
	return call[portolan.ID, string](ctx, c, "kubectl", id)
}

// Answer implements [API].
func (c *Client) Answer(ctx context.Context, superseded string, a Answer) error {
	return order(ctx, c, "answer", answer{superseded, a})
}

// MapContext implements [API].
func (c *Client) MapContext(ctx context.Context, environment, team, mine string) error {
	return order(ctx, c, "context/map", mapContext{environment, team, mine})
}

// Contexts implements [API].
func (c *Client) Contexts(ctx context.Context) (Contexts, error) {
	return call[nothing, Contexts](ctx, c, "context/list", nothing{})
}

// Targets implements [API].
func (c *Client) Targets(ctx context.Context, q portolan.TargetQuery) (portolan.Targets, error) {
	return call[portolan.TargetQuery, portolan.Targets](ctx, c, "targets", q)
}

// Checkup implements [API].
func (c *Client) Checkup(ctx context.Context) ([]portolan.Check, error) {
	return call[nothing, []portolan.Check](ctx, c, "checkup", nothing{})
}

// Consents implements [API].
func (c *Client) Consents(ctx context.Context) ([]portolan.Consent, error) {
	return call[nothing, []portolan.Consent](ctx, c, "trust/list", nothing{})
}

// Revoke implements [API].
func (c *Client) Revoke(ctx context.Context, source, effect, value string) error {
	return order(ctx, c, "trust/revoke", revoke{source, effect, value})
}

// Settings implements [API].
func (c *Client) Settings(ctx context.Context) ([]portolan.Setting, error) {
	return call[nothing, []portolan.Setting](ctx, c, "settings/list", nothing{})
}

// SetSetting implements [API].
func (c *Client) SetSetting(ctx context.Context, name, value string) (portolan.Setting, error) {
	return call[setSetting, portolan.Setting](ctx, c, "settings/set", setSetting{name, value})
}

// History implements [API].
func (c *Client) History(ctx context.Context, source string, limit int) ([]Revision, error) {
	return call[history, []Revision](ctx, c, "history", history{source, limit})
}

// RevisionRows implements [API].
func (c *Client) RevisionRows(ctx context.Context, source string, number uint64) ([]portolan.Row, error) {
	return call[revisionOf, []portolan.Row](ctx, c, "history/rows", revisionOf{source, number})
}

// SignIn implements [API].
func (c *Client) SignIn(ctx context.Context, in SignIn) (portolan.Host, error) {
	return call[SignIn, portolan.Host](ctx, c, "auth/sign-in", in)
}

// Device implements [API].
func (c *Client) Device(ctx context.Context, host string) (DeviceCode, error) {
	return call[string, DeviceCode](ctx, c, "auth/device", host)
}

// DeviceWait implements [API].
func (c *Client) DeviceWait(ctx context.Context, id string) (portolan.Host, error) {
	return call[string, portolan.Host](ctx, c, "auth/device-wait", id)
}

// SignOut implements [API].
func (c *Client) SignOut(ctx context.Context, out SignOut) (SignedOut, error) {
	return call[SignOut, SignedOut](ctx, c, "auth/sign-out", out)
}

// Accounts implements [API].
func (c *Client) Accounts(ctx context.Context) ([]portolan.Host, error) {
	return call[nothing, []portolan.Host](ctx, c, "auth/accounts", nothing{})
}

// WebLink implements [API].
func (c *Client) WebLink(ctx context.Context) (string, error) {
	return call[nothing, string](ctx, c, "web/link", nothing{})
}

// Raise implements [API].
func (c *Client) Raise(ctx context.Context, page string) (bool, error) {
	return call[raise, bool](ctx, c, "raise", raise{page})
}

// Raised implements [API].
func (c *Client) Raised(ctx context.Context) (string, error) {
	asked, err := call[nothing, raise](ctx, c, "raised", nothing{})
	return asked.Page, err
}

// SetLogLevel implements [API].
func (c *Client) SetLogLevel(ctx context.Context, level string) error {
	return order(ctx, c, "log-level", level)
}

// Shutdown implements [API].
func (c *Client) Shutdown(ctx context.Context) error {
	return order(ctx, c, "shutdown", nothing{})
}

// Quit implements [API].
func (c *Client) Quit(ctx context.Context) error {
	return order(ctx, c, "quit", nothing{})
}
