package datagram

import (
	"time"

	"github.com/ropewalk/ropewalk/channel"
)

// DefaultMaxPackets is the MaxPackets of sockets that do not set it.
const DefaultMaxPackets = 16 << 10

const defaultFlush = 5 * time.Second

// Options are the settings that the sockets of a server or client share.
type Options struct {
	// Marks bounds what waits to be sent, in bytes, as on a channel: above High reading pauses, beyond Max Send fails.
	Marks channel.Watermark
	// MaxPackets bounds the number of packets that wait to be sent, since an empty one has no bytes. Zero means DefaultMaxPackets,
	// negative means no bound.
	MaxPackets int
	// KeepReading keeps packets coming while the queue is above High, for the side that asks.
	KeepReading bool
	// FlushTimeout is how long a closing socket waits for the system to take some more of what is queued. Zero means 5 s, negative
	// means for ever.
	FlushTimeout time.Duration
	// Closing, if not nil, is called on the loop when a socket begins to close, with the cause that its sink will be told.
	Closing func(s *Socket, cause error)

	inner *channel.Options
}

// Prepare returns a copy of o with defaults filled in, for Port.Init.
func (o Options) Prepare() *Options {
	if o.MaxPackets == 0 {
		o.MaxPackets = DefaultMaxPackets
	}
	if o.FlushTimeout == 0 {
		o.FlushTimeout = defaultFlush
	}
	inner := channel.Options{Marks: o.Marks, KeepReading: o.KeepReading, FlushTimeout: o.FlushTimeout, Linger: -1}
	if f := o.Closing; f != nil {
		inner.Closing = func(ch *channel.Channel, cause error) { f(socketOf(ch), cause) }
	}
	o.inner = inner.Prepare()
	o.Marks = o.inner.Marks
	return &o
}
