package keyring

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

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
func otherWays(host string) string {
	if host == probed {
		host = "HOST"
	}
	return "keep the token for this run only: portolan auth login " + host + " --this-run"
}

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

// noServiceText is what the bus says of a name that nobody has and nothing starts
// (dbus-daemon, bus/activation.c).
const noServiceText = "org.freedesktop.secrets was not provided by any .service files"

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
		f.Hint = "check that it is a token and nothing more, or " + otherWays(host)
	case strings.Contains(text, noDefaultText):
		f.Code = codeUnavailable
		f.Message = fmt.Sprintf("the %s has no default collection to keep a token in", keychainName())
		f.Hint = "create one (in Passwords and Keys: New, Password Keyring, then Set as Default), or " + otherWays(host)
	case isLocked(text):
		return lockedFault(host)
	case strings.Contains(text, noServiceText):
		f.Code = codeUnavailable
		f.Message = fmt.Sprintf("this session has no %s", keychainName())
		f.Hint = howToGetOne() + ", or " + otherWays(host)
	default:
		f.Code = codeUnavailable
		f.Message = fmt.Sprintf("the %s cannot be used: %v", keychainName(), err)
		f.Hint = howToGetOne() + ", or " + otherWays(host)
	}
	return f
}

// lockedFault says how to have the keychain ask for its password: by an act of a
// person, for a timer opens no window.
func lockedFault(host string) *portolan.Fault {
	return &portolan.Fault{Kind: portolan.Failed, Code: codeLocked,
		Message: fmt.Sprintf("the %s is locked", keychainName()),
		Hint:    "unlock it and try again (portolan sync has it ask for its password), or " + otherWays(host)}
}

// childFault says that the process that was to make the call did not answer.
func childFault(host string, err error) *portolan.Fault {
	return &portolan.Fault{Kind: portolan.Failed, Code: codeUnavailable,
		Message: fmt.Sprintf("the %s cannot be asked: %v", keychainName(), err),
		Hint:    "try again, or " + otherWays(host)}
}

func timeoutFault(host string, limit time.Duration) *portolan.Fault {
	return &portolan.Fault{Kind: portolan.Failed, Code: codeTimeout,
		Message: fmt.Sprintf("the %s did not answer within %s; it may be waiting for its password in a window", keychainName(), limit),
		Hint:    "answer the prompt and try again, or " + otherWays(host)}
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
