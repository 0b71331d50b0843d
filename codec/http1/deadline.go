package http1

import (
	"time"

	"github.com/ropewalk/ropewalk/channel"
)

// deadline is when the peer must have done something. Setting it is a store: the timer is set to the later time when it
// fires, and earlier only if it has to.
type deadline struct {
	timer channel.Timer
	due   time.Duration // on the loop's clock; 0 means never
	armed time.Duration // when the timer fires; 0 if it does not
}

// start makes e be told when it is due, after some time from now; negative means never.
func (d *deadline) start(ch *channel.Channel, after time.Duration, e channel.Expirer) {
	d.timer.Start(ch, time.Hour, e)
	d.timer.Stop()
	d.set(ch.Loop().Now(), after)
}

// passed tells, when the timer has fired, whether it is due. If it is not, the timer is set again.
func (d *deadline) passed(now time.Duration) bool {
	d.armed = 0
	if d.due > now {
		d.arm(now)
		return false
	}
	return d.due != 0
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
	d.armed = d.due
	d.timer.Reset(d.due - now)
}

func (d *deadline) stop() { d.due = 0 }

func (d *deadline) end() { d.timer.Stop() }
