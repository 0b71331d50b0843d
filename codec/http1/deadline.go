package http1

import (
	"time"

	"github.com/ropewalk/ropewalk/channel"
)

// deadline is when the peer must have done something. Setting it is a store: the timer is set to the later time when it
// fires, and earlier only if it has to.
type deadline struct {
	timer *channel.Timer
	due   time.Duration // on the loop's clock; 0 means never
	armed time.Duration // when the timer fires; 0 if it does not
}

func (d *deadline) start(ch *channel.Channel, after time.Duration, expired func()) {
	d.timer = ch.AfterFunc(time.Hour, func() {
		now := ch.Loop().Now()
		d.armed = 0
		switch {
		case d.due == 0:
		case d.due > now:
			d.arm(now)
		default:
			expired()
		}
	})
	d.timer.Stop()
	d.set(ch.Loop().Now(), after)
}

// set makes it due after some time from now; negative means never.
func (d *deadline) set(now, after time.Duration) {
	if after < 0 {
		d.due = 0
		return
	}
	if d.due = now + after; d.armed == 0 || d.armed > d.due {
		d.arm(now)
	}
}

func (d *deadline) arm(now time.Duration) {
	if d.timer != nil {
		d.armed = d.due
		d.timer.Reset(d.due - now)
	}
}

func (d *deadline) stop() { d.due = 0 }

func (d *deadline) end() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}
