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
// Only a call with a [portolan.Person] in its context may make a window appear
// that asks for a password. The person is told so and has 90 s for it; when they
// leave, the call ends. Any other call finds a locked keychain locked, and asks
// nobody.
//
// On Linux and the BSDs each call is made by a short-lived child process; see
// [NewIsolated]. The library underneath shares one D-Bus connection per process
// with everything else in it, such as a tray icon: while it waits for a prompt it
// takes the first signal there, of whatever kind, for the answer, and the tray
// takes the prompt's signals for its own. It also has no way to give up a call
// behind a prompt; a child can be killed. macOS and Windows have none
// of this: there the library runs /usr/bin/security, or makes one system call.
package keyring
