package buffer

import "time"

// DefaultTrimAfter is the TrimAfter of pools that do not set it.
const DefaultTrimAfter = 2 * time.Second

// A pool keeps some idle memory for what comes next: keepBytes, and a part of what is in use. What it has beyond that goes
// back within a sixteenth of TrimAfter, so that a peak is soon forgotten. Sooner would cost page faults.
const (
	keepBytes  = 1 << 20
	keepShare  = 32
	excessTick = 16
)

// spareBytes is how much memory a pool leaves in chunks of which nothing is in use, rather than use it for another class.
const spareBytes = 256 << 10

// Trim gives all memory back to the system that is not in use, and returns how many bytes that were. Caches of loops
// give theirs to the pool when their loops come round, see Cache.OnTrim: another call some time later finds it.
func (p *Pool) Trim() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.callCaches(trimAll)
	p.checkTicking()
	return p.giveBack()
}

// giveBack gives all memory back that is not in use. The caller holds mu.
func (p *Pool) giveBack() int64 {
	p.shared.shed()
	p.dissolve(0)
	return p.decommit() + p.freeTags()
}

// callCaches asks the loops to trim their caches. The caller holds mu.
func (p *Pool) callCaches(what int32) {
	for c := range p.caches {
		switch was := c.asked.Load(); {
		case was == 0:
			c.asked.Store(what)
			if c.onTrim != nil {
				go c.onTrim()
			}
		case was < what:
			c.asked.CompareAndSwap(was, what) // if it does so just now, that is as good
		}
	}
}

// startTicking sees that there is a tick after TrimAfter, because there is something that may have to be trimmed. The
// caller holds mu.
func (p *Pool) startTicking() {
	if p.TrimAfter > 0 && p.nextTick.IsZero() {
		p.ticking.Store(true)
		p.nextTick = time.Now().Add(p.TrimAfter)
		time.AfterFunc(p.TrimAfter, p.trimTick)
	}
}

// excess returns how much idle memory the pool has beyond what it may keep. The caller holds mu.
func (p *Pool) excess() int64 { return p.spare() - keepBytes - p.used/keepShare }

// spare returns how much memory may go back to the system. The caller holds mu.
func (p *Pool) spare() int64 {
	switch {
	case p.locked:
		return 0
	case !p.HugePages:
		return p.idle + p.loose
	}
	n := p.idle // it may turn out to be part of a region in use
	for _, r := range p.regions {
		if r.nfree == regionPages {
			n += regionBytes
		}
	}
	return n
}

// startShedding sees that what is beyond that goes back. The caller holds mu.
func (p *Pool) startShedding() {
	if p.TrimAfter > 0 && !p.shedding {
		p.shedding = true
		time.AfterFunc(p.TrimAfter/excessTick, p.shedTick)
	}
}

// shedTick gives the excess back.
func (p *Pool) shedTick() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shedding = false
	if p.excess() > 0 {
		p.dissolve(0)
		if p.HugePages {
			p.decommit()
		} else {
			p.releaseExcess()
		}
	}
}

// checkTicking starts the tick again if it is long overdue: it may have been started in a bubble of testing/synctest that has
// ended. That is also why each tick has a timer of its own, which nobody stops: one that was made in a bubble must not be
// touched from outside. The caller holds mu.
func (p *Pool) checkTicking() {
	if d := time.Until(p.nextTick); !p.nextTick.IsZero() && (d < -p.TrimAfter || d > p.TrimAfter) {
		p.nextTick, p.shedding = time.Time{}, false
		p.startTicking()
	}
}

// trimTick gives back what was idle at the last tick already, and lets caches do so.
func (p *Pool) trimTick() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.nextTick = time.Time{}
	p.ticking.Store(false)
	p.shared.shed()
	p.dissolve(1)
	p.decommitAged()
	p.freeTags()
	p.tick++
	if p.spare() > 0 || p.stocked() {
		p.callCaches(trimUnused)
		p.startTicking()
	}
}

// stocked tells whether a cache has blocks that it could give back. The caller holds mu.
func (p *Pool) stocked() bool {
	for c := range p.caches {
		if c.onTrim == nil {
			continue // nobody would do it
		}
		for class := range c.stock {
			if c.stock[class].Load() != 0 {
				return true
			}
		}
	}
	return false
}
