// Package demo is a world made small: a Kubernetes cluster and a GitHub that
// live inside the process and listen on loopback only. The program's demo runs
// on it, and so do tests that want a real counterpart and no network.
//
// Real parts are used wherever a fake would flatter us. [Cluster] streams
// port-forwards with the very code of the kubelet and the API server
// (k8s.io/cri-streaming, k8s.io/apiserver), in their order, over WebSocket and
// SPDY, and ends connections the way containerd does. [GitHub] serves a git
// repository on disk, into which a person commits with git itself. [Scene]
// sets both up with a small team's services and environment files.
//
// Nothing here is meant to be secure against the machine's own users, and
// nothing here is reachable from another machine.
package demo
