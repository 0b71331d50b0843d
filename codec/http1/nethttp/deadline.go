package nethttp

import (
	"sync"
	"time"
)

// A deadline is a point in time after which those who wait give up. Its owner's lock guards it.
type deadline struct {
	timer *time.Timer
	at    time.Time // zero if there is none
}

// passed tells whether it has come.
func (d *deadline) passed() bool { return !d.at.IsZero() && time.Until(d.at) <= 0 }

// set makes t the deadline; the zero time means none. When it comes then is called, with mu held.
func (d *deadline) set(mu *sync.Mutex, t time.Time, then func()) {
	d.stop()
	d.at = t
	if t.IsZero() {
		return
	}
	after := time.Until(t)
	if after <= 0 {
		then()
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(after, func() {
		mu.Lock()
		defer mu.Unlock()
		if d.timer == timer {
			d.timer = nil
			then()
		}
	})
	d.timer = timer
}

// stop has nothing called any more.
func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}
