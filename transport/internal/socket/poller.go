//go:build linux

package socket

import (
	"time"

	"github.com/ropewalk/ropewalk/channel"
)

// A Poller tells a loop what its sockets are ready for. All calls but Wake come from the loop's goroutine.
type Poller interface {
	// Add watches a connection, whose flags say for what.
	Add(Connection) error
	// Want is called when the flags WantIn and WantOut of a connection have changed.
	Want(*Conn)
	// Remove ends what the kernel does for a connection, and closes its socket. When the kernel has let go of it, now or soon, Gone
	// is called.
	Remove(*Conn)
	// Next returns the first connection whose key is at least from, and its key; nil if there is none.
	Next(from int) (c *Conn, key int)

	// Listen begins to accept on a listening socket; Pause stops it for a while, or goes on. Unlisten ends it: the socket is
	// closed by the caller when it returns.
	Listen(*Listening) error
	Pause(s *Listening, on bool) error
	Unlisten(*Listening)

	// Watch has w told of events on a descriptor, which are those of epoll(7). Change sets others. Unwatch ends it; the
	// descriptor is closed by the poller, as that of a connection is.
	Watch(fd int, w Watched, events uint32) error
	Change(fd int, events uint32) error
	Unwatch(fd int)

	// Busy tells that events are likely to have come already, or that the loop has to come back soon: then the next wait is one of
	// no time, and other goroutines need not wake the loop.
	Busy() bool
	// Wait waits for events up to d, for ever if d is negative, calls Loop.Woke, and then serves the events.
	Wait(d time.Duration)
	// Idle tells whether nothing is left that the kernel works on. A loop that stops waits for it.
	Idle() bool
	// Wake ends a wait. It is called by other goroutines, not after Close.
	Wake()
	// Close frees what the poller has. No connection is left.
	Close()
}

// A Connection is a Conn, or what an engine has built around one.
type Connection interface {
	channel.Backend
	base() *Conn
}

// A Watched is served when there are events on its descriptor. Events may be reported once only: who leaves input
// where it is asks to be served again, by Loop.Again.
type Watched interface {
	Serve(events uint32)
}
