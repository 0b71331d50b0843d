//go:build linux

package socket

import (
	"sync/atomic"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
)

// What the tests of descriptors and of sending without copies see of the inside.

// Functions of cmsg.go and unix.go.
var (
	ParseRights = parseRights
	ParseNotice = parseNotice
	NextControl = nextControl
	NameOf      = nameOf
)

// TrialSends is the limit of that name.
const TrialSends = trialSends

// ZeroCopyOff tells whether a connection has gone back to copying.
func (c *Conn) ZeroCopyOff() bool { return c.loop().features[c].zero.off }

// Features returns the number of connections that have unusual features.
func (l *Loop) Features() int { return len(l.features) }

// Kept returns the number of sockets that are kept although their channels are closed.
func (l *Loop) Kept() int { return len(l.kept) }

// A Holding is a holding.
type Holding struct{ h holding }

// Add is holding.add, with the bytes of b.
func (h *Holding) Add(c *buffer.Cache, b *buffer.Buf) { h.h.add().Push(c, b) }

// Release is holding.release.
func (h *Holding) Release(low, high uint32) int { return h.h.release(low, high) }

// Outstanding is holding.outstanding.
func (h *Holding) Outstanding() bool { return h.h.outstanding() }

// StartAt sets the number of the next call.
func (h *Holding) StartAt(n uint32) { h.h.first = n }

// Room returns how many calls there is memory for.
func (h *Holding) Room() int { return cap(h.h.calls) }

// Functions of steer.go.
var (
	Processors = processors
	Steering   = steering
)

// A Clock is moved by its test. It may be used by any goroutine.
type Clock struct{ now atomic.Int64 }

// Now returns the time.
func (c *Clock) Now() time.Duration { return time.Duration(c.now.Load()) }

// Advance moves it on.
func (c *Clock) Advance(d time.Duration) { c.now.Add(int64(d)) }
