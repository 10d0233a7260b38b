// Package keyringtest gives tests a real keychain of their own: GNOME Keyring on
// a private D-Bus, in a temporary directory. Nothing of it touches the session
// that the tests run in, and nothing is left behind.
//
// A test that lacks the programs is skipped and says which; where CI=true it
// fails, as it could have had them.
package keyringtest
