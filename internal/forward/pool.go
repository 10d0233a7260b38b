package forward

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/portolan-app/portolan/internal/forward/mux"
	"github.com/portolan-app/portolan/internal/portolan"
)

// The pool of one cluster. An idle connection costs the API server a connection
// to a kubelet and us about a megabyte, so few are kept and not for long.
const (
	maxSessions  = 256
	maxIdle      = 32 // for one pod
	idleFor      = 90 * time.Second
	fewIdle      = 4 // are kept so long, and made ready at most; more only between the bursts of a busy client
	crowdedFor   = 10 * time.Second
	poolPatience = 10 * time.Second
	spareTimeout = 20 * time.Second
	burst        = 2 * time.Second // with the time of a dial
)

// pool keeps warm upgraded connections by pod. A pod that comes back under the
// same name has another UID and inherits nothing.
type pool struct {
	ctx    context.Context
	wg     *sync.WaitGroup
	dial   func(context.Context, portolan.Backend) (mux.Session, string, error)
	tokens chan struct{} // one for each session, idle or not

	mu      sync.Mutex
	closed  bool
	renewed int                            // how often everything before was given up
	waiting int                            // for a token
	all     map[*lease]bool                // that are alive, idle or not
	checks  int                            // how often all were checked
	idle    map[string][]*lease            // by UID, newest last
	spares  map[string]int                 // that are being dialled, by UID
	uses    map[string]*[fewIdle]time.Time // the latest, by UID, newest first
}

// lease is a session taken from the pool.
type lease struct {
	mux.Session
	uid    string
	leg    string
	made   int // the pool's renewed of then
	expiry *time.Timer
}

func newPool(ctx context.Context, wg *sync.WaitGroup, dial func(context.Context, portolan.Backend) (mux.Session, string, error)) *pool {
	return &pool{
		ctx: ctx, wg: wg, dial: dial,
		tokens: make(chan struct{}, maxSessions),
		all:    map[*lease]bool{}, idle: map[string][]*lease{}, spares: map[string]int{}, uses: map[string]*[fewIdle]time.Time{},
	}
}

// acquire returns a warm session to the pod, or dials one. From the first use on
// spares are kept ready.
func (p *pool) acquire(ctx context.Context, b portolan.Backend) (*lease, error) {
	p.use(b.UID)
	if l := p.takeIdle(b.UID); l != nil {
		p.spare(b)
		return l, nil
	}
	if err := p.token(ctx); err != nil {
		return nil, err
	}
	l, err := p.open(ctx, b)
	if err == nil {
		p.spare(b)
	}
	return l, err
}

// token waits for room for one more session, at the cost of an idle one.
func (p *pool) token(ctx context.Context) error {
	select {
	case p.tokens <- struct{}{}:
		return nil
	default:
	}
	p.queue(1) // from now on no session goes idle
	defer p.queue(-1)
	p.evict()
	timer := time.NewTimer(poolPatience)
	defer timer.Stop()
	select {
	case p.tokens <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return &portolan.Fault{
			Kind: portolan.Failed, Code: "too-many-connections",
			Message: "256 connections to this cluster are in use, and none ended within 10 s",
			Hint:    "close some clients",
		}
	}
}

func (p *pool) queue(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting += n
}

// open dials with a token in hand and keeps watch over the session.
func (p *pool) open(ctx context.Context, b portolan.Backend) (*lease, error) {
	p.mu.Lock()
	made, checks := p.renewed, p.checks
	p.mu.Unlock()
	session, leg, err := p.dial(ctx, b)
	if err != nil {
		<-p.tokens
		return nil, err
	}
	l := &lease{Session: session, uid: b.UID, leg: leg, made: made}
	p.mu.Lock()
	p.all[l] = true
	missed := p.checks != checks
	p.mu.Unlock()
	if missed {
		l.Check(answerWithin)
	}
	p.wg.Go(func() {
		select {
		case <-session.Done():
		case <-p.ctx.Done():
			session.Close()
			<-session.Done()
		}
		p.bury(l)
		<-p.tokens
	})
	return l, nil
}

// use notes a use of a pod, and forgets pods that have not been used for long.
func (p *pool) use(uid string) {
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.uses[uid] == nil {
		maps.DeleteFunc(p.uses, func(_ string, uses *[fewIdle]time.Time) bool { return now.Sub(uses[0]) > idleFor })
		p.uses[uid] = new([fewIdle]time.Time)
	}
	uses := p.uses[uid]
	copy(uses[1:], uses[:])
	uses[0] = now
}

// lacking is how many spares are to be dialled: as many sessions shall be ready as
// were just taken, one at least. The caller holds mu.
func (p *pool) lacking(uid string) int {
	wanted := 1
	if uses := p.uses[uid]; uses != nil {
		for _, at := range uses[1:] {
			if time.Since(at) < burst {
				wanted++
			}
		}
	}
	return wanted - len(p.idle[uid]) - p.spares[uid]
}

// spare dials in the background what the pod lacks.
func (p *pool) spare(b portolan.Backend) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for range p.lacking(b.UID) {
		if p.closed || p.waiting > 0 {
			return
		}
		select {
		case p.tokens <- struct{}{}:
			p.spares[b.UID]++
			p.dialSpare(b)
		default:
			return
		}
	}
}

// dialSpare dials with a token in hand.
func (p *pool) dialSpare(b portolan.Backend) {
	p.wg.Go(func() {
		ctx, cancel := context.WithTimeout(p.ctx, spareTimeout)
		defer cancel()
		l, err := p.open(ctx, b)
		p.mu.Lock()
		if p.spares[b.UID]--; p.spares[b.UID] == 0 {
			delete(p.spares, b.UID)
		}
		p.mu.Unlock()
		if err == nil {
			p.release(l, true)
		}
	})
}

// release gives a session back. Without reuse, or where it cannot be used again,
// it is closed.
func (p *pool) release(l *lease, reuse bool) {
	if !reuse || !l.Reusable() {
		l.Close()
		return
	}
	p.mu.Lock()
	if p.closed || l.made != p.renewed || p.waiting > 0 || len(p.idle[l.uid]) >= maxIdle {
		p.mu.Unlock()
		l.Close()
		return
	}
	p.idle[l.uid] = append(p.idle[l.uid], l)
	expire := idleFor
	if len(p.idle[l.uid]) > fewIdle {
		expire = crowdedFor
	}
	l.expiry = time.AfterFunc(expire, func() {
		if p.remove(l) {
			l.Close()
		}
	})
	p.mu.Unlock()
}

// takeIdle returns the session of a pod that was used last, if one is fit.
func (p *pool) takeIdle(uid string) *lease {
	for {
		p.mu.Lock()
		idle := p.idle[uid]
		if len(idle) == 0 {
			p.mu.Unlock()
			return nil
		}
		l := idle[len(idle)-1]
		p.removeLocked(l)
		p.mu.Unlock()
		if l.Reusable() {
			return l
		}
		l.Close()
	}
}

// bury forgets a session that has ended.
func (p *pool) bury(l *lease) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.all, l)
	p.removeLocked(l)
}

// check ends the sessions, idle or not or being dialled, whose server does not answer
// in time.
func (p *pool) check() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.checks++
	for l := range p.all {
		l.Check(answerWithin)
	}
}

// remove takes a session out of the idle ones and reports whether it was there.
func (p *pool) remove(l *lease) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.removeLocked(l)
}

func (p *pool) removeLocked(l *lease) bool {
	i := slices.Index(p.idle[l.uid], l)
	if i < 0 {
		return false
	}
	l.expiry.Stop()
	p.idle[l.uid] = slices.Delete(p.idle[l.uid], i, i+1)
	if len(p.idle[l.uid]) == 0 {
		delete(p.idle, l.uid)
	}
	return true
}

// evict closes one idle session, if there is one.
func (p *pool) evict() {
	first := true
	p.drop(func(*lease) bool {
		take := first
		first = false
		return take
	})
}

// retire closes the idle sessions of a pod that is gone.
func (p *pool) retire(uid string) { p.drop(func(l *lease) bool { return l.uid == uid }) }

// renew closes all idle sessions, and keeps none of those in use when it comes
// back: from now on sessions are made in another way.
func (p *pool) renew() {
	p.mu.Lock()
	p.renewed++
	p.mu.Unlock()
	p.drop(func(*lease) bool { return true })
}

func (p *pool) drop(which func(*lease) bool) {
	p.mu.Lock()
	var out []*lease
	for _, idle := range p.idle {
		for _, l := range idle {
			if which(l) {
				out = append(out, l)
			}
		}
	}
	for _, l := range out {
		p.removeLocked(l)
	}
	p.mu.Unlock()
	for _, l := range out {
		l.Close()
	}
}

// close closes the idle sessions and keeps no more. Those in use go on.
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.renew()
}
