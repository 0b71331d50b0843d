package channel

import (
	"math"
	"time"
)

// A Watermark bounds what a channel queues for sending, in bytes.
type Watermark struct {
	// Reading pauses when the queue is above High after a flush, and resumes at Low. Zero means 64 KiB and half
	// of High. What one read has caused may exceed High: that is 64 KiB of input, or up to 16 times High where a peer has
	// sent and taken a stream without a pause.
	Low, High int
	// Max is the hard cap: a write that would exceed it fails with ErrOutboundFull, unless the queue is
	// empty and the write alone is the excess. Zero means 16 MiB, negative means no cap.
	Max int
}

// Options are the settings that the channels of a server or client share.
type Options struct {
	Marks Watermark
	// KeepReading keeps input coming while the queue is above High. It is for the side that asks: its input is not what fills
	// its queue, and two sides that each stop reading until the other reads would wait for ever.
	KeepReading bool
	// FlushTimeout is how long a closing channel waits for its peer to take some more of what is queued. Zero means a minute,
	// negative means for ever.
	FlushTimeout time.Duration
	// Linger is how long a channel that has sent everything and closes waits for the peer to end its side. Zero means 5 s, negative means
	// not at all. Channels that close because their server stops wait a second at most.
	Linger time.Duration
	// Closing, if not nil, is called on the loop when a channel begins to close, by Close or Abort, with the cause that its
	// sink will be told when it has closed.
	Closing func(ch *Channel, cause error)
	// HalfOpen keeps a channel open for writing when the peer has ended its stream. The sink closes it.
	HalfOpen bool
}

const (
	defaultHigh    = 64 << 10
	defaultMax     = 16 << 20
	defaultFlush   = time.Minute
	defaultLinger  = 5 * time.Second
	shutdownLinger = time.Second
	noCap          = math.MaxInt

	// lingerBytes is how much input a closing channel reads and drops before it gives up on its peer: more
	// than a peer that was still sending can have on its way.
	lingerBytes = 64 << 20
)

// Prepare returns a copy of o with defaults filled in, for Port.Init.
func (o Options) Prepare() *Options {
	if o.Marks.High <= 0 {
		o.Marks.High = defaultHigh
	}
	switch {
	case o.Marks.Max == 0:
		o.Marks.Max = max(defaultMax, o.Marks.High)
	case o.Marks.Max < 0:
		o.Marks.Max = noCap
	}
	o.Marks.High = min(o.Marks.High, o.Marks.Max) // Write looks at High first
	if o.Marks.Low <= 0 || o.Marks.Low > o.Marks.High {
		o.Marks.Low = o.Marks.High / 2
	}
	if o.FlushTimeout == 0 {
		o.FlushTimeout = defaultFlush
	}
	if o.Linger == 0 {
		o.Linger = defaultLinger
	}
	return &o
}
