package kube

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/portolan-app/portolan/internal/portolan"
)

// refusal is an answer to an upgrade that is no upgrade.
type refusal struct {
	status  int
	message string
}

func (r *refusal) Error() string {
	if r.message == "" {
		return http.StatusText(r.status)
	}
	return r.message
}

// fault translates an error of a request. What says what was asked, as in "may
// not WHAT in namespace …".
func (c *Cluster) fault(err error, what, namespace string) *portolan.Fault {
	var (
		known   *portolan.Fault
		refused *refusal
		status  apierrors.APIStatus
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return known
	case errors.As(err, &refused):
		return c.refusalFault(refused.status, refused.Error(), namespace)
	case errors.As(err, &status):
		return c.statusFault(int(status.Status().Code), err.Error(), what, namespace)
	}
	return c.brokenFault(err)
}

// refusalFault is about the upgrade of a pod's portforward subresource.
func (c *Cluster) refusalFault(status int, message, namespace string) *portolan.Fault {
	switch status {
	case http.StatusNotFound, http.StatusGone:
		return &portolan.Fault{Kind: portolan.Failed, Code: portolan.CodePodGone, Message: message}
	case http.StatusForbidden:
		return c.denied(message, namespace, "get and create on pods/portforward"+roleBy)
	}
	if status >= http.StatusInternalServerError {
		return &portolan.Fault{
			Kind: portolan.Later, Code: portolan.CodePodUnreachable,
			Message: fmt.Sprintf("the API server of context %s cannot reach the pod: %s", c.name, message),
			Hint:    "look at the pod's node with `kubectl get nodes`; other pods of the context are not concerned",
		}
	}
	return c.statusFault(status, message, "", namespace)
}

func (c *Cluster) statusFault(status int, message, what, namespace string) *portolan.Fault {
	switch {
	case status == http.StatusUnauthorized:
		return c.signIn(message)
	case status == http.StatusForbidden:
		return c.denied(message, namespace, what)
	case status == http.StatusTooManyRequests || status >= http.StatusInternalServerError:
		return c.unreachable(message)
	}
	return &portolan.Fault{
		Kind: portolan.Failed, Code: "cluster-refused",
		Message: fmt.Sprintf("the API server of context %s answered %d: %s", c.name, status, message),
		Hint:    "compare with `kubectl port-forward`; a proxy in front of the API server may not pass upgrades",
	}
}

func (c *Cluster) denied(message, namespace, verbs string) *portolan.Fault {
	where := "in namespace " + namespace
	if namespace == "" {
		where = "in the whole cluster"
	}
	f := &portolan.Fault{
		Kind: portolan.SignIn, Code: portolan.CodeClusterDenied,
		Message: fmt.Sprintf("context %s may not do this %s: %s", c.name, where, message),
	}
	if verbs != "" {
		f.Hint = "ask for a role with " + verbs
	}
	return f
}

func (c *Cluster) signIn(message string) *portolan.Fault {
	return &portolan.Fault{
		Kind: portolan.SignIn, Code: portolan.CodeClusterSignIn,
		Message: fmt.Sprintf("the login to context %s is missing or has ended: %s", c.name, message),
		Hint:    fmt.Sprintf("log in, for example with `kubectl --context %s get pods`, and start again", c.name),
	}
}

func (c *Cluster) unreachable(message string) *portolan.Fault {
	return &portolan.Fault{
		Kind: portolan.Later, Code: portolan.CodeClusterUnreachable,
		Message: fmt.Sprintf("the API server of context %s does not answer: %s", c.name, message),
		Hint:    "check the network and the VPN",
	}
}

// brokenFault is about a request that got no answer.
func (c *Cluster) brokenFault(err error) *portolan.Fault {
	var (
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
		verify    *tls.CertificateVerificationError
	)
	switch {
	case strings.Contains(err.Error(), pluginFailed):
		return c.signIn(err.Error())
	case errors.Is(err, errLoggingIn):
		return &portolan.Fault{
			Kind: portolan.Later, Code: portolan.CodeClusterLogin,
			Message: fmt.Sprintf("a login to context %s is under way and has not ended yet", c.name),
			Hint:    "finish it where it asks, such as in the browser",
		}
	case errors.As(err, &authority), errors.As(err, &hostname), errors.As(err, &invalid), errors.As(err, &verify):
		return &portolan.Fault{
			Kind: portolan.Failed, Code: "cluster-certificate",
			Message: fmt.Sprintf("the API server of context %s is not the one that the kubeconfig expects: %v", c.name, err),
			Hint:    "renew the kubeconfig; never switch verification off for a cluster that you do not know",
		}
	case errors.Is(err, context.DeadlineExceeded):
		return c.unreachable("no answer in time")
	}
	return c.unreachable(err.Error())
}
