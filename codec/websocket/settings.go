package websocket

import (
	"math"
	"time"
)

// Limits bound what is accepted from a peer. What is larger is refused with 1009 as soon as that is known.
type Limits struct {
	// Message is the most bytes of a message, after inflating: zero means 1 MiB, negative that there is no limit, which suits
	// Stream only. Compressed messages are collected even then, and have a limit of 1 MiB.
	Message int64
	// Frame is the most bytes of a frame, before inflating. Zero means as many as for a message, negative that there is no limit.
	Frame int64
}

// Timeouts bound how long a peer may take. Zero fields have the defaults that are given; negative ones mean for ever, and more than
// three weeks are three weeks. Ping, Idle and Message are kept to within a second, or an eighth of the smallest if that is less; to
// within four when a loop has many connections.
type Timeouts struct {
	// Ping is after what silence of the peer it is sent a Ping: 45 s.
	Ping time.Duration
	// Idle is after what silence of the peer the connection is closed: twice Ping, or 90 s if there are no pings. While output
	// waits, and nothing is read, the time counts in which the peer takes too little of that for reading to go on.
	Idle time.Duration
	// Message is how long a message may take from its first byte to its last, unless it is passed on as it comes: 2 min.
	Message time.Duration
	// Close is how long to wait for the answer to a Close, and for the server to end the connection after that: 5 s.
	Close time.Duration
}

// settings are what connections of a Server or Client have in common, ready for use.
type settings struct {
	client     bool
	stream     bool
	control    bool
	maxMessage int64
	maxFrame   int64
	maxInflate int64  // as maxMessage, of a compressed message
	ping       uint32 // in the units of conn.now; 0 means never, here and below
	idle       uint32
	message    uint32
	close      time.Duration
	precision  time.Duration // of the first three, 0 if all are 0
	deflate    *Deflate      // with defaults filled in, nil for none
}

const defaultMessage = 1 << 20

func prepare(l Limits, t Timeouts, d *Deflate, stream bool) *settings {
	s := &settings{stream: stream, maxMessage: l.Message, maxFrame: l.Frame}
	if s.maxMessage == 0 {
		s.maxMessage = defaultMessage
	}
	if s.maxMessage < 0 {
		s.maxMessage = math.MaxInt64
	}
	if s.maxInflate = s.maxMessage; stream && l.Message < 0 {
		s.maxInflate = defaultMessage
	}
	switch {
	case s.maxFrame == 0:
		s.maxFrame = s.maxMessage
	case s.maxFrame < 0:
		s.maxFrame = math.MaxInt64
	}
	ping := orDefault(t.Ping, 45*time.Second)
	idle := orDefault(t.Idle, 90*time.Second)
	if t.Idle == 0 && ping > 0 {
		idle = min(ping, math.MaxInt64/2) * 2
	}
	s.ping, s.idle, s.message = s.units(ping), s.units(idle), s.units(orDefault(t.Message, 2*time.Minute))
	s.close = orDefault(t.Close, 5*time.Second)
	if d != nil {
		s.deflate = d.prepare()
	}
	return s
}

// units returns a timeout in the units of conn.now, and makes the precision suit it.
func (s *settings) units(d time.Duration) uint32 {
	if d <= 0 {
		return 0
	}
	p := min(max(d/32, sweepLeast), sweepEvery)
	if s.precision == 0 || p < s.precision {
		s.precision = p
	}
	return uint32(min(max(d>>20, 1), math.MaxUint32/2)) // more could not be told from less: the units wrap around
}

func orDefault(d, byDefault time.Duration) time.Duration {
	if d == 0 {
		return byDefault
	}
	return max(d, 0)
}
