// Package githubtest is a GitHub on loopback for tests and benchmarks. It is
// never part of the product.
//
// [Open] and [Start] give a server whose repositories live in the npm package
// "emulate", which we did not write: commits, trees and blobs in it are real git
// objects. A gate in front of it adds what the emulator lacks and the real GitHub
// has: conditional requests that cost no quota, the sha media type, 401 for a bad
// token and 404 where it may not look, rate limits, redirects after a rename, and
// every [Fault] that a network or a server may have.
//
// [Replay] answers with recordings of the real api.github.com, for the few cases
// where only the real thing can say what is right.
package githubtest
