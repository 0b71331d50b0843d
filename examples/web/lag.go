package main

import (
	"sync"
	"time"

	"github.com/ropewalk/ropewalk/channel"
)

// A lagMeter finds out how late loops are: how long a call from another goroutine waits until the loop runs it. That is how
// long input waits too, behind whatever the loop is busy with.
type lagMeter struct {
	probes []*probe // one a loop
}

// A probe is of one loop.
type probe struct {
	do func(func(error))

	mu    sync.Mutex
	sent  time.Time     // when the call was made that has not run yet, or zero
	worst time.Duration // of the calls that have run
}

func newLagMeter(loops []*channel.Loop) *lagMeter {
	m := new(lagMeter)
	for _, l := range loops {
		m.probes = append(m.probes, &probe{do: l.Do})
	}
	return m
}

// probe asks each loop that has answered the last time.
func (m *lagMeter) probe() {
	for _, p := range m.probes {
		p.ask(time.Now())
	}
}

func (p *probe) ask(now time.Time) {
	p.mu.Lock()
	waiting := !p.sent.IsZero()
	if !waiting {
		p.sent = now
	}
	p.mu.Unlock()
	if waiting {
		return
	}
	p.do(func(error) { // an error means that the loop has ended, or does not even take calls
		p.mu.Lock()
		defer p.mu.Unlock()
		p.worst = max(p.worst, time.Since(p.sent))
		p.sent = time.Time{}
	})
}

// take returns the worst lag of any loop since the last call. A loop that has not answered yet lags at least as long as it was
// asked.
func (m *lagMeter) take() (worst time.Duration) {
	for _, p := range m.probes {
		p.mu.Lock()
		worst = max(worst, p.worst)
		if !p.sent.IsZero() {
			worst = max(worst, time.Since(p.sent))
		}
		p.worst = 0
		p.mu.Unlock()
	}
	return worst
}
