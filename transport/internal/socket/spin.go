//go:build linux

package socket

import "time"

// spinning is what a loop needs that goes on asking for events before it sleeps.
type spinning struct {
	calls uint64        // that had been made when it was asked last
	until time.Duration // when it may sleep, on the loop's clock
}

// spins tells whether the next wait shall be one of no time because there was something to do not long ago.
func (l *Loop) spins(busy bool) bool {
	c := &l.Calls
	if calls := c.Reads + c.Writes + c.Files + c.Control; busy || calls != l.spin.calls {
		l.spin = spinning{calls, l.Now() + l.group.config.Spin}
		return true
	}
	return l.Now() < l.spin.until
}
