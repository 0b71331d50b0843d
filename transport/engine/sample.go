package engine

import (
	"context"
	"time"

	"github.com/ropewalk/ropewalk/channel"
)

// DefaultSample is how many connections Sampler.SampleTCP looks at if it is not told.
const DefaultSample = 1000

// A Sampler is a Group that tells how its TCP connections fare. Those of engines with Capabilities.TCPInfo are.
type Sampler interface {
	// SampleTCP asks the kernel about up to most open connections, DefaultSample if that is not positive; the next call goes on with
	// others, until all had their turn. It takes about 1 us of the loops' time for each. It may be called by any goroutine
	// but the loops', which it waits for; when ctx ends first, what was found so far is returned with its error.
	SampleTCP(ctx context.Context, most int) (TCPSample, error)
}

// TCPSample is what a number of connections have in common. Divide sums by Conns for the mean.
type TCPSample struct {
	Conns int // that were looked at

	MinRTT, MaxRTT time.Duration // smoothed round trips of the nearest and of the farthest peer; connections without one do not count
	SumRTT         time.Duration
	Timed          int // connections that SumRTT is about

	Unacked, Lost   int    // segments under way, and those that are taken for lost
	Retransmits     uint64 // segments sent again since the connections were made
	Retransmitting  int    // connections with segments that are taken for lost
	NotSent         int64  // bytes that wait in the kernel
	DeliveryRate    uint64 // bytes in a second, of all together
	BytesSent       uint64 // since the connections were made, with retransmissions
	BytesRetransmit uint64 // those among them
}

// Add counts a connection.
func (s *TCPSample) Add(i *channel.TCPInfo) {
	one := TCPSample{
		Conns: 1, Unacked: i.Unacked, Lost: i.Lost, Retransmits: i.Retransmits, NotSent: int64(i.NotSent),
		DeliveryRate: i.DeliveryRate, BytesSent: i.BytesSent, BytesRetransmit: i.BytesRetransmit,
	}
	if i.RTT > 0 {
		one.Timed, one.MinRTT, one.MaxRTT, one.SumRTT = 1, i.RTT, i.RTT, i.RTT
	}
	if i.Lost > 0 {
		one.Retransmitting = 1
	}
	s.Merge(one)
}

// Merge adds the connections of o.
func (s *TCPSample) Merge(o TCPSample) {
	if o.Timed > 0 {
		if s.Timed == 0 || o.MinRTT < s.MinRTT {
			s.MinRTT = o.MinRTT
		}
		s.MaxRTT = max(s.MaxRTT, o.MaxRTT)
	}
	s.Conns += o.Conns
	s.SumRTT += o.SumRTT
	s.Timed += o.Timed
	s.Unacked += o.Unacked
	s.Lost += o.Lost
	s.Retransmits += o.Retransmits
	s.Retransmitting += o.Retransmitting
	s.NotSent += o.NotSent
	s.DeliveryRate += o.DeliveryRate
	s.BytesSent += o.BytesSent
	s.BytesRetransmit += o.BytesRetransmit
}
