package channeltest

import "time"

// A Clock stands still until it is told to go on. It belongs to the goroutine of its loop.
type Clock struct{ now time.Duration }

// Now returns the time. It is what a channel.LoopConfig wants for its Now.
func (c *Clock) Now() time.Duration { return c.now }

// Advance moves the clock by d. It runs nothing: see Loop.Advance.
func (c *Clock) Advance(d time.Duration) { c.now += d }
