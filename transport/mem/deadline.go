package mem

import (
	"sync"
	"time"
)

// A deadline is a time at which a channel is closed.
type deadline struct {
	mu     sync.Mutex
	at     time.Time // zero means never
	timer  *time.Timer
	passed chan struct{} // closed when the time has come; replaced only after that, so that who waits for it always learns
}

func (d *deadline) init() { d.passed = make(chan struct{}) }

// set changes the time, a zero one means never.
func (d *deadline) set(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = t
	if d.timer != nil {
		d.timer.Stop() // if it has fired, expire looks at the new time
	}
	left := time.Until(t)
	over := isClosed(d.passed)
	switch {
	case !t.IsZero() && left <= 0:
		if !over {
			close(d.passed)
		}
		return
	case over:
		d.passed = make(chan struct{})
	}
	switch {
	case t.IsZero():
	case d.timer == nil:
		d.timer = time.AfterFunc(left, d.expire)
	default:
		d.timer.Reset(left)
	}
}

// expire is called when the timer has fired.
func (d *deadline) expire() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.at.IsZero() && !time.Now().Before(d.at) && !isClosed(d.passed) {
		close(d.passed)
	}
}

// wait returns what is closed when the time has come.
func (d *deadline) wait() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.passed
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
