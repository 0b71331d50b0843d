package slow

import (
	"context"
	"fmt"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/echo"
	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// Bounds of a server's growth for the sake of one slow peer.
const (
	Allowed = 32 << 20  // more is a failure of ours
	most    = 512 << 20 // and here the experiment is ended
)

// A Trial says how a server is tried.
type Trial struct {
	Load  string  // path of the load generator
	Bytes int64   // that the peer sends in all
	Probe float64 // seconds in which the others' latency is measured, each time
}

// A Result is what came of it.
type Result struct {
	Base, Growth             int64           // resident bytes before, and what was added at most
	Taken                    int64           // what the peer could send before it read a byte
	Before, Stalled, Drained *harness.Result // the others
}

// Measure starts a server of framed echo and puts the peer on it. It returns an error if not every byte comes back, or
// if the server grows beyond all reason.
func (t Trial) Measure(ctx context.Context, k harness.Kind) (*Result, error) {
	s, err := harness.Start(ctx, k)
	if err != nil {
		return nil, err
	}
	defer s.Stop()
	if _, err := t.probe(ctx, s, 0.2); err != nil { // warm
		return nil, err
	}
	r := new(Result)
	if r.Before, err = t.probe(ctx, s, t.Probe); err != nil {
		return nil, err
	}
	if r.Base, err = harness.RSS(s.Pid()); err != nil {
		return nil, err
	}
	p, err := newPeer(s.Port, t.Bytes)
	if err != nil {
		return nil, err
	}
	defer p.conn.Close()
	w := WatchMemory(s.Pid(), r.Base, func() { p.conn.Close() })
	defer w.Stop()
	go p.send()
	r.Taken = p.untilStalled()
	if w.exceeded() {
		return nil, fmt.Errorf("took %d MiB without pausing and grew by more than %d MiB; ended there", r.Taken>>20, most>>20)
	}
	if r.Stalled, err = t.probe(ctx, s, t.Probe); err != nil {
		return nil, err
	}
	if err := t.drain(ctx, s, p, r); err != nil {
		return nil, err
	}
	r.Growth = w.Stop()
	return r, nil
}

// drain lets the peer read everything, while it sends the rest.
func (t Trial) drain(ctx context.Context, s *harness.Server, p *peer, r *Result) (err error) {
	intact := make(chan error, 1)
	go func() { intact <- p.receive() }()
	if r.Drained, err = t.probe(ctx, s, t.Probe); err != nil {
		return err
	}
	select {
	case err = <-intact:
		return err
	case <-time.After(time.Minute):
		return fmt.Errorf("only %d MiB came back in a minute", p.got.Load()>>20)
	}
}

// probe measures the latency of a few other connections.
func (t Trial) probe(ctx context.Context, s *harness.Server, seconds float64) (*harness.Result, error) {
	return echo.Client{Path: t.Load, Mode: "frame"}.Closed(ctx, s, echo.Shape{Size: 64, Conns: 4, Depth: 1}, 0.02, seconds)
}
