package datagram

import "sync/atomic"

// Stats counts the packets of a socket, or of several.
type Stats struct {
	Received, ReceivedBytes uint64 // that came; also those that were rejected
	Sent, SentBytes         uint64 // that the system took

	Rejected  uint64 // came, and were of no use to the application: see Socket.Reject
	Truncated uint64 // came, and were larger than the socket accepts
	NoMemory  uint64 // came when the pool was at its limit
	Overrun   uint64 // came, and were dropped by the kernel, whose buffer was full because the loop did not keep up
	Refused   uint64 // were not queued, because the queue was full
	Lost      uint64 // were queued, and the system did not take them; or were dropped as the socket closed
	Errors    uint64 // reports of the network, such as ECONNREFUSED, that are about no certain packet
}

// Add adds the counts of o.
func (s *Stats) Add(o Stats) {
	sum, add := s.fields(), o.fields()
	for i := range sum {
		*sum[i] += *add[i]
	}
}

const countFields = 11

func (s *Stats) fields() [countFields]*uint64 {
	return [...]*uint64{&s.Received, &s.ReceivedBytes, &s.Sent, &s.SentBytes, &s.Rejected, &s.Truncated, &s.NoMemory, &s.Overrun,
		&s.Refused, &s.Lost, &s.Errors}
}

// A board shows the counts of a socket to other goroutines.
type board [countFields]atomic.Uint64

// show is called once a burst: a store that other processors see costs as much as several additions.
func (b *board) show(s *Stats) {
	for i, n := range s.fields() {
		if *n != b[i].Load() {
			b[i].Store(*n)
		}
	}
}

func (b *board) read() (s Stats) {
	for i, n := range s.fields() {
		*n = b[i].Load()
	}
	return s
}
