package keyring

import (
	"errors"
	"fmt"
	"runtime"
	"strings"

	lib "github.com/zalando/go-keyring"

	"github.com/portolan-app/portolan/internal/portolan"
)

const (
	codeNone        = "keychain-none"
	codeLocked      = "keychain-locked"
	codeUnavailable = "keychain-unavailable"
	codeTooBig      = "keychain-too-big"
	codeTimeout     = "keychain-timeout"
)

// otherWays needs no keychain; it ends a sentence.
const otherWays = "keep the token for this run only: set PORTOLAN_GITHUB_TOKEN, or give a file with --token-file"

// lockedTexts are how the library says "locked or refused", where it has only
// text for it: go-keyring's secret_service on Linux, the Secret Service itself,
// and the exit codes of macOS' security(1): 36 errSecInteractionNotAllowed,
// 51 errSecAuthFailed, 128 the person cancelled.
var lockedTexts = []string{
	"failed to unlock correct collection",
	"org.freedesktop.Secret.Error.IsLocked",
	"exit status 36", "exit status 51", "exit status 128",
}

// noDefaultText names the alias of a default collection that does not exist.
const noDefaultText = "aliases/default"

// errNoBus says that a call would have to start a session bus of its own.
var errNoBus = errors.New("this session has no D-Bus (DBUS_SESSION_BUS_ADDRESS is not set)")

// fault types an error of the library by what a person can do about it.
func fault(host string, err error) *portolan.Fault {
	f := &portolan.Fault{Kind: portolan.Failed}
	text := err.Error()
	switch {
	case errors.Is(err, lib.ErrNotFound):
		f.Kind, f.Code = portolan.SignIn, codeNone
		f.Message = fmt.Sprintf("the %s has no token for %s", keychainName(), host)
		f.Hint = fmt.Sprintf("sign in with portolan auth login %s", host)
	case errors.Is(err, lib.ErrSetDataTooBig):
		f.Code = codeTooBig
		f.Message = fmt.Sprintf("the %s does not take a token of that size", keychainName())
		f.Hint = "check that it is a token and nothing more, or " + otherWays
	case strings.Contains(text, noDefaultText):
		f.Code = codeUnavailable
		f.Message = fmt.Sprintf("the %s has no default collection to keep a token in", keychainName())
		f.Hint = "create one (in Passwords and Keys: New, Password Keyring, then Set as Default), or " + otherWays
	case isLocked(text):
		f.Code = codeLocked
		f.Message = fmt.Sprintf("the %s is locked", keychainName())
		f.Hint = "unlock it and try again, or " + otherWays
	default:
		f.Code = codeUnavailable
		f.Message = fmt.Sprintf("the %s cannot be used: %v", keychainName(), err)
		f.Hint = howToGetOne() + ", or " + otherWays
	}
	return f
}

func isLocked(text string) bool {
	for _, t := range lockedTexts {
		if strings.Contains(text, t) {
			return true
		}
	}
	return false
}

// keychainName is what this system calls it.
func keychainName() string {
	switch runtime.GOOS {
	case "darwin":
		return "macOS keychain"
	case "windows":
		return "Windows Credential Manager"
	}
	return "keyring (Secret Service)"
}

func howToGetOne() string {
	switch runtime.GOOS {
	case "darwin":
		return "unlock the login keychain in Keychain Access"
	case "windows":
		return "start the Credential Manager service (VaultSvc)"
	}
	return "install and start one, such as gnome-keyring or KWallet, in a desktop session"
}
