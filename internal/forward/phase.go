package forward

import (
	"context"
	"slices"

	"github.com/portolan-app/portolan/internal/portolan"
)

// phaseOf is the phase that a fault of the cluster puts a forward into.
func phaseOf(f *portolan.Fault) portolan.Phase {
	switch f.Code {
	case portolan.CodeClusterSignIn:
		return portolan.SignInNeeded
	case portolan.CodeClusterDenied:
		return portolan.Denied
	case portolan.CodeClusterUnreachable, portolan.CodePodUnreachable:
		return portolan.Unreachable
	case portolan.CodeNoReadyPod, portolan.CodePodGone:
		return portolan.Waiting
	}
	return portolan.StalledForward
}

// on changes the status if lane is still the forward's way and its port is open.
func (f *forward) on(lane *lane, change func(*portolan.Status)) {
	f.setState(func(s *portolan.Status) {
		if f.lane == lane && len(f.listeners) > 0 && f.spec.Held == nil {
			change(s)
		}
	})
}

// connecting: the first connection is under way.
func (f *forward) connecting(lane *lane) {
	f.on(lane, func(s *portolan.Status) {
		if s.Phase == portolan.Listening {
			s.Phase = portolan.Connecting
		}
	})
}

// ready: an upgrade has succeeded.
func (f *forward) ready(lane *lane, b portolan.Backend, leg, notice string) {
	f.on(lane, func(s *portolan.Status) {
		*s = portolan.Status{Phase: portolan.Ready, Addresses: s.Addresses, Pod: b.String(), Leg: leg, Notice: lane.notice(notice)}
	})
}

// fail: the target cannot be reached.
func (f *forward) fail(lane *lane, err error) {
	fault := portolan.AsFault(err)
	f.on(lane, func(s *portolan.Status) {
		*s = portolan.Status{Phase: phaseOf(fault), Fault: fault, Addresses: s.Addresses, Notice: s.Notice}
	})
}

// notice: one connection was turned away; the forward itself is up.
func (f *forward) notice(lane *lane, text string) {
	lane.refusal.Store(&text)
	f.on(lane, func(s *portolan.Status) { s.Notice = text })
}

// stale reports whether the forward's phase is to be checked: its target has been
// used lately, or the configuration led to no cluster, which costs nobody anything
// to look at again.
func (f *forward) stale() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lane != nil && len(f.listeners) > 0 && (f.lane.usedLately() || f.lane.astray.Load())
}

// probe looks the target up and puts what it finds into the status. A click
// forgets failures first; what it finds wrong is looked at again like a target in
// use, so that the status does not outlive its reason. A target that is well and
// idle costs the cluster nothing.
func (f *forward) probe(ctx context.Context, click bool) error {
	f.mu.Lock()
	lane, held, reason := f.lane, f.spec.Held, f.reason
	f.mu.Unlock()
	if lane == nil || held != nil {
		return nil
	}
	if reason != nil {
		select {
		case <-reason:
		case <-ctx.Done():
		}
		return nil
	}
	if click {
		if cluster, err := lane.up.cluster(); err == nil {
			cluster.Retry()
		}
	}
	found, err := lane.resolve(ctx, true)
	if cut(err) {
		return err
	}
	if err != nil {
		if click {
			lane.touch()
		}
		f.fail(lane, err)
		return err
	}
	f.on(lane, func(s *portolan.Status) {
		up := s.Phase == portolan.Ready && slices.ContainsFunc(found.Pods, func(b portolan.Backend) bool { return b.String() == s.Pod })
		still := !click && s.Fault != nil && lane.undisproved(s.Fault, found.Pods)
		if !up && !still && s.Phase != portolan.Connecting {
			*s = portolan.Status{Phase: portolan.Listening, Addresses: s.Addresses, Notice: lane.notice(found.Notice)}
		}
	})
	return nil
}
