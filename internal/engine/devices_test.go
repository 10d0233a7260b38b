package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/engine"
	"github.com/portolan-app/portolan/internal/githubtest"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/store"
)

// desk is an engine at which people sign in with a code.
type desk struct {
	*engine.Engine
	*githubtest.Device
	host   string
	home   string
	log    bytes.Buffer // all that is logged; to be read when the engine rests
	tokens *memory
	ahead  atomic.Int64 // of the engine's clock, in nanoseconds
}

// newDesk runs a host and an engine whose settings name the host's app.
func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{Device: &githubtest.Device{ClientID: "Iv1.test", Login: "ann", Interval: 1},
		tokens: &memory{kept: make(map[string]portolan.Token)}}
	server := httptest.NewServer(d.Device)
	t.Cleanup(server.Close)
	d.host = strings.TrimPrefix(server.URL, "http://")
	d.home = t.TempDir()
	log := slog.New(slog.NewTextHandler(&d.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s, err := store.Open(d.home, log)
	if err != nil {
		t.Fatal(err)
	}
	d.Engine = keepRunning(t, engine.New(engine.Config{Store: s, Tokens: d.tokens, Log: log, OnDemand: true,
		Now: func() time.Time { return time.Now().Add(time.Duration(d.ahead.Load())) }}), s)
	if _, err := d.SetSetting(t.Context(), "github_client_id", d.host+"=Iv1.test"); err != nil {
		t.Fatal(err)
	}
	return d
}

// later moves the engine's clock.
func (d *desk) later(by time.Duration) { d.ahead.Add(int64(by)) }

// signIn goes the whole way.
func (d *desk) signIn(t *testing.T) portolan.Host {
	t.Helper()
	code, err := d.Engine.Device(t.Context(), d.host)
	if err != nil {
		t.Fatal(err)
	}
	d.Device.Approve()
	who, err := d.DeviceWait(t.Context(), code.ID)
	if err != nil {
		t.Fatal(err)
	}
	return who
}

func (d *desk) token(t *testing.T) portolan.Token {
	t.Helper()
	token, err := d.Token(t.Context(), d.host)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestDeviceSignIn(t *testing.T) {
	d := newDesk(t)
	code, err := d.Engine.Device(t.Context(), d.host)
	if err != nil || code.UserCode != "WDJB-MJHT" || code.VerificationURI != "http://"+d.host+"/login/device" || code.Interval != 1 {
		t.Fatalf("%+v, %v", code, err)
	}
	given, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.DeviceWait(given, code.ID); !errors.Is(err, context.Canceled) {
		t.Fatalf("a wait that was given up: %v", err)
	}
	d.Device.Approve()

	// Without a keychain nobody is sent to the host.
	locked := &portolan.Fault{Kind: portolan.SignIn, Code: "keychain-locked", Message: "locked"}
	d.tokens.fail = locked
	if _, err := d.Engine.Device(t.Context(), d.host); !errors.Is(err, locked) {
		t.Fatalf("a locked keychain: %v", err)
	}

	// The code is used up when the keychain fails; the next call needs no other.
	if _, err := d.DeviceWait(t.Context(), code.ID); !errors.Is(err, locked) {
		t.Fatalf("a locked keychain: %v", err)
	}
	d.tokens.fail = nil
	who, err := d.DeviceWait(t.Context(), code.ID)
	if err != nil || who.Login != "ann" || who.Kind != "app" || who.From != "" || time.Until(who.Expires) < 180*24*time.Hour {
		t.Fatalf("%+v, %v", who, err)
	}
	if token := d.token(t); !strings.HasPrefix(token.Reveal(), "ghu_") || d.Renewals() != 0 {
		t.Errorf("the token is renewed %d times and begins %.4s", d.Renewals(), token.Reveal())
	}
	if len(d.tokens.kept) != 1 {
		t.Errorf("the keychain has %d items", len(d.tokens.kept))
	}
	if _, err := d.DeviceWait(t.Context(), code.ID); portolan.AsFault(err).Code != "device-unknown" {
		t.Errorf("a sign-in that is over: %v", err)
	}
}

func TestDeviceWithoutAnApp(t *testing.T) {
	d := newDesk(t)
	if _, err := d.Engine.Device(t.Context(), "github.com"); portolan.AsFault(err).Code != "device-unavailable" {
		t.Errorf("no client id: %v", err)
	}
	code, err := d.Engine.Device(t.Context(), d.host)
	if err != nil {
		t.Fatal(err)
	}
	d.Deny()
	for _, want := range []string{"device-denied", "device-unknown"} {
		if _, err := d.DeviceWait(t.Context(), code.ID); portolan.AsFault(err).Code != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestRenewalAhead renews a token before it ends, once for all who ask at a time,
// and keeps the outcome as one item.
func TestRenewalAhead(t *testing.T) {
	d := newDesk(t)
	d.signIn(t)
	first := d.token(t)
	d.later(7 * time.Hour)
	if d.token(t).Reveal() != first.Reveal() {
		t.Error("renewed an hour ahead")
	}
	d.later(55 * time.Minute)
	var all sync.WaitGroup
	got := make([]string, 20)
	for i := range got {
		all.Go(func() {
			token, err := d.Token(t.Context(), d.host)
			if err != nil {
				t.Error(err)
			}
			got[i] = token.Reveal()
		})
	}
	all.Wait()
	for _, token := range got {
		if token == first.Reveal() || token != got[0] {
			t.Fatal("not all have the one new token")
		}
	}
	if d.Renewals() != 1 || len(d.tokens.kept) != 1 {
		t.Errorf("%d renewals, %d items in the keychain", d.Renewals(), len(d.tokens.kept))
	}
	d.later(8 * time.Hour)
	if d.token(t).Reveal() == got[0] || d.Renewals() != 2 {
		t.Error("the renewed token is not renewed in its turn")
	}
}

// TestDeviceTokensOnlyInKeychain looks for the tokens of a sign-in, and of its
// renewal, in all that is written.
func TestDeviceTokensOnlyInKeychain(t *testing.T) {
	d := newDesk(t)
	d.signIn(t)
	d.later(9 * time.Hour)
	d.LoseAnswer()
	_, lost := d.Token(t.Context(), d.host)
	_, over := d.Token(t.Context(), d.host)
	view, err := d.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	written := fmt.Sprintf("%+v %+v %+v %s", lost, over, view, d.log.String())
	err = filepath.WalkDir(d.home, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		written += string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{"ghu_", "ghr_"} { // with which the tokens of the host begin
		if strings.Contains(written, form) {
			t.Errorf("a token that begins with %s is outside of the keychain", form)
		}
		if !strings.Contains(d.tokens.kept[d.host+"/ann"].Reveal(), form) {
			t.Errorf("the keychain has none that begins with %s: the test shows nothing", form)
		}
	}
}

// TestRenewalAfterRefusal renews a token that the host refuses, and not one that it
// has just renewed.
func TestRenewalAfterRefusal(t *testing.T) {
	d := newDesk(t)
	d.signIn(t)
	first := d.token(t)
	if again, err := d.TokenAfter(t.Context(), d.host, first); err != nil || again.Reveal() != first.Reveal() {
		t.Errorf("a token of this minute is renewed: %v", err)
	}
	d.later(time.Hour)
	second, err := d.TokenAfter(t.Context(), d.host, first)
	if err != nil || second.Reveal() == first.Reveal() {
		t.Fatalf("a refused token stays: %v", err)
	}
	if third, err := d.TokenAfter(t.Context(), d.host, first); err != nil || third.Reveal() != second.Reveal() || d.Renewals() != 1 {
		t.Errorf("who comes late with the old token renews the new one: %v", err)
	}
}

// TestLostRenewal loses the host's answer: the old tokens are worthless then, and a
// person must sign in again, of which the host is not asked time and again.
func TestLostRenewal(t *testing.T) {
	d := newDesk(t)
	d.signIn(t)
	d.later(9 * time.Hour)
	d.LoseAnswer()
	if _, err := d.Token(t.Context(), d.host); portolan.AsFault(err).Kind != portolan.Later {
		t.Fatalf("the lost answer: %v", err)
	}
	for range 2 {
		_, err := d.Token(t.Context(), d.host)
		if f := portolan.AsFault(err); f.Code != "github-signed-out" || f.Kind != portolan.SignIn || !strings.Contains(f.Hint, "--device") {
			t.Fatalf("after it: %v", err)
		}
	}
	if d.Renewals() != 1 {
		t.Errorf("the host was asked %d times", d.Renewals())
	}
	d.signIn(t)
	d.token(t)
}

// TestRenewalThatFails uses a token for as long as it is good.
func TestRenewalThatFails(t *testing.T) {
	d := newDesk(t)
	d.signIn(t)
	first := d.token(t)
	d.later(8*time.Hour - time.Minute)
	d.Fail(2)
	if d.token(t).Reveal() != first.Reveal() {
		t.Error("a token that is good for a minute is not used")
	}
	d.later(2 * time.Minute)
	if _, err := d.Token(t.Context(), d.host); portolan.AsFault(err).Code != "github-unavailable" {
		t.Errorf("a token that has ended: %v", err)
	}
	if d.token(t).Reveal() == first.Reveal() {
		t.Error("not renewed when the host is back")
	}
}

// TestRenewalThatTheKeychainRefuses keeps the new tokens for this run: those in the
// keychain are worthless.
func TestRenewalThatTheKeychainRefuses(t *testing.T) {
	d := newDesk(t)
	d.signIn(t)
	d.later(9 * time.Hour)
	d.tokens.readOnly = true
	second := d.token(t)
	if d.token(t).Reveal() != second.Reveal() || d.Renewals() != 1 {
		t.Error("the renewed token is lost")
	}
	d.tokens.readOnly = false
	d.later(9 * time.Hour)
	third := d.token(t)
	if third.Reveal() == second.Reveal() || !strings.Contains(d.tokens.kept[d.host+"/ann"].Reveal(), third.Reveal()) {
		t.Error("the next one is not kept in the keychain")
	}
}

// TestOwnTokenIsNotRenewed holds that a token which a person gave stays as it is.
func TestOwnTokenIsNotRenewed(t *testing.T) {
	d := newDesk(t)
	d.signIn(t)
	issued := d.token(t)
	if _, err := d.SignIn(t.Context(), api.SignIn{Host: d.host, Token: issued.Reveal()}); err != nil {
		t.Fatal(err)
	}
	d.later(24 * time.Hour)
	if got, err := d.TokenAfter(t.Context(), d.host, issued); err != nil || got.Reveal() != issued.Reveal() || d.Renewals() != 0 {
		t.Errorf("%v after %d renewals", err, d.Renewals())
	}
}
