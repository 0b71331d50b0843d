//go:build linux

package socket

import (
	"context"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var _ engine.Sampler = (*Group)(nil)

// SampleTCP implements engine.Sampler.
func (g *Group) SampleTCP(ctx context.Context, most int) (engine.TCPSample, error) {
	var sum engine.TCPSample
	if most <= 0 {
		most = engine.DefaultSample
	}
	results := make(chan engine.TCPSample, len(g.loops))
	for i, l := range g.loops {
		share := (most + len(g.loops) - 1 - i) / len(g.loops)
		l.Insist(func(err error) {
			var s engine.TCPSample
			if err == nil {
				l.sample(&s, share)
			}
			results <- s
		})
	}
	for range g.loops {
		select {
		case s := <-results:
			sum.Merge(s)
		case <-ctx.Done():
			return sum, g.opError("sample", "tcp", "", context.Cause(ctx))
		}
	}
	return sum, nil
}

// sample looks at so many connections of the loop, from the one behind that where it had ended last.
func (l *Loop) sample(s *engine.TCPSample, most int) {
	var info channel.TCPInfo
	first := -1
	for seen := 0; seen < most; {
		c, key := l.Poller.Next(l.sampled)
		if c == nil {
			if l.sampled == 0 {
				return
			}
			l.sampled = 0
			continue
		}
		if first < 0 {
			first = key
		} else if key == first {
			return
		}
		l.sampled = key + 1
		seen++
		if c.TellTCPInfo(&info) == nil {
			s.Add(&info)
		}
	}
}
