// Package github reads a repository over GitHub's REST API, on github.com, on a
// *.ghe.com tenant and on GitHub Enterprise Server: which commit a ref is at,
// what that commit's tree holds, and the blobs in it.
//
// It asks little: [Client.Head] is one conditional request that costs no quota
// while nothing changed, and everything after it is pinned to the commit, so that
// what one sync reads is consistent. It trusts little: bodies are bounded, a blob
// must have the SHA that names it, a tree that GitHub cut short is walked instead
// of being read as a deletion, and an answer that is not GitHub's own (a captive
// portal's page, say) is told apart from one that is. The token goes to the API's
// own host and nowhere else.
//
// Each error is a [*portolan.Fault] whose Kind says what follows: SignIn and
// Failed wait for a person, Later is tried again by the caller, not before Retry
// where that is set. The only other error is the caller's own cancellation. Where
// the network is at fault, Code and Message say which part of it: the name
// (network-dns), the name server (network-resolver), the way there
// (network-unreachable, network-refused, network-reset, network-timeout), the proxy
// (network-proxy), the certificate (network-ca, network-certificate, network-tls),
// this machine's clock (network-clock), or somebody in between (captive-portal).
package github
