// Package keyring keeps tokens in the keychain of the operating system: the
// Secret Service on Linux and the BSDs (GNOME Keyring, KWallet), the login
// keychain on macOS, the Credential Manager on Windows. Entries have the service
// "portolan" and the account "host/login".
//
// A keychain is another program, with a person behind it: it may be missing,
// locked, or wait for a password that nobody types. So each call has a time
// limit, and each outcome is a *portolan.Fault with its own code:
//
//	keychain-none         it works, and has no such entry
//	keychain-locked       it is locked, or the person refused
//	keychain-unavailable  there is none that could be asked
//	keychain-too-big      it does not take a secret of that size
//	keychain-timeout      no answer in time; a prompt may be open
//
// On Linux the library underneath shares one D-Bus connection per process, and
// while it waits for a prompt it takes the first signal on that connection, of
// whatever kind, for the answer. Calls are therefore made one at a time, and a
// process that uses the session bus for more than the keychain (a tray icon)
// should leave keychain calls to another one.
package keyring
