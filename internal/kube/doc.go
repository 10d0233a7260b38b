// Package kube is the way into Kubernetes clusters: kubeconfig contexts, from a
// target to the pods behind it, and upgraded connections to a pod.
//
// It is the only package that knows client-go. Credentials (exec plugins, token
// files, client certificates, OIDC, impersonation) and kubeconfig rules are
// client-go's; the dialer is our own, because client-go's takes no context, has
// no deadlines and ignores a 401 on a WebSocket.
//
// Every error is a [*portolan.Fault], except a context's own error when the
// caller gave up.
package kube
