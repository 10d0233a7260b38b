package main

import (
	"context"
	"errors"
	"io"
	"net/url"
	"strings"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/portforward"
)

// forwardAsClientGo is the peer where no kubectl is installed: client-go's own
// forwarder over WebSocket, which is what kubectl runs. The arguments are
// pod/NAME and ports. It resolves nothing, so it listens sooner than kubectl.
func forwardAsClientGo(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) < 2 || !strings.HasPrefix(args[0], "pod/") {
		return errors.New("client-go's forwarder needs pod/NAME and ports: install kubectl, or name a pod")
	}
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(clientcmd.NewDefaultClientConfigLoadingRules(), nil)
	config, err := loader.ClientConfig()
	if err != nil {
		return err
	}
	namespace, _, err := loader.Namespace()
	if err != nil {
		return err
	}
	u, err := url.Parse(config.Host)
	if err != nil {
		return err
	}
	u = u.JoinPath("api/v1/namespaces", namespace, "pods", strings.TrimPrefix(args[0], "pod/"), "portforward")
	dialer, err := portforward.NewSPDYOverWebsocketDialer(u, config)
	if err != nil {
		return err
	}
	forwarder, err := portforward.New(dialer, args[1:], ctx.Done(), nil, stdout, io.Discard)
	if err != nil {
		return err
	}
	return forwarder.ForwardPorts()
}
