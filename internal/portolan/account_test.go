package portolan_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

func TestExpiryNotice(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	for _, c := range []struct {
		left time.Duration
		want string
	}{
		{15 * day, ""},
		{14*day + time.Second, ""},
		{14 * day, "within two weeks"},
		{7*day + time.Second, "within two weeks"},
		{7 * day, "within a week"},
		{day + time.Second, "within a week"},
		{day, "within a day"},
		{time.Second, "within a day"},
		{0, "expired"},
		{-day, "expired"},
	} {
		h := portolan.Host{Host: "github.com", Login: "ada", Expires: now.Add(c.left)}
		got := h.ExpiryNotice(now)
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("with %s left: %q; want %q", c.left, got, c.want)
		}
	}
	if got := (portolan.Host{Host: "github.com"}).ExpiryNotice(now); got != "" {
		t.Errorf("without an end: %q", got)
	}
}

func TestExcess(t *testing.T) {
	for scopes, writes := range map[string]bool{
		"": false, "read:org": false, "read:org user:email": false,
		"repo": true, "public_repo": true, "read:org workflow": true, "gist": true,
	} {
		got := portolan.Host{Scopes: strings.Fields(scopes)}.Excess()
		if (got != "") != writes || writes && !strings.Contains(got, "Contents: read") {
			t.Errorf("%q: %q", scopes, got)
		}
	}
}

func TestPerson(t *testing.T) {
	if _, ok := portolan.PersonOf(t.Context()); ok {
		t.Error("somebody is there")
	}
	said := ""
	ctx, cancel := context.WithCancel(portolan.WithPerson(t.Context(), portolan.Person{Say: func(s string) { said = s }}))
	defer cancel()
	p, ok := portolan.PersonOf(ctx)
	if !ok {
		t.Fatal("nobody is there")
	}
	if p.Say("hello"); said != "hello" {
		t.Error("nothing was said")
	}
}

func TestTokenOrigin(t *testing.T) {
	token := portolan.NewToken("secret")
	if token.Origin() != "" || token.Of("the file x").Origin() != "the file x" || token.Of("the file x").Reveal() != "secret" {
		t.Error("a token forgets where it comes from")
	}
}
