package http1

import "time"

// Limits bound what is accepted from a peer. Zero fields have the defaults that are given.
type Limits struct {
	// Line is the longest request line or status line, in bytes: 8 KiB. A longer one is answered with 414.
	Line int
	// Head is the largest head, in bytes, with all of its fields: 32 KiB, and at most 1 MiB. A larger one is answered with 431,
	// and so is one whose Fields are more.
	Head int
	// Fields is the most fields of a head, and of a trailer: 200.
	Fields int
	// Body is the largest body, in bytes: 1 MiB; negative means that there is no limit, which suits streams only. A
	// larger one is answered with 413.
	Body int64
	// Trailer is the largest trailer, in bytes: 8 KiB.
	Trailer int
	// Discard is how much of a body is read and dropped after a response that did not wait for it, to keep the connection:
	// 256 KiB; negative means nothing. If there is more the connection is closed.
	Discard int64
}

// chunkOverhead is how many bytes of sizes and extensions of chunks are accepted beyond a fair share for each: more is an
// attack.
const chunkOverhead = 16 << 10

// maxChunkLine is the longest line with the size of a chunk and its extensions.
const maxChunkLine = 4 << 10

func (l Limits) prepare() Limits {
	set := func(v *int, byDefault, most int) {
		if *v <= 0 {
			*v = byDefault
		}
		*v = min(*v, most)
	}
	set(&l.Line, 8<<10, 1<<20)
	set(&l.Head, 32<<10, 1<<20)
	set(&l.Fields, 200, 1<<16)
	set(&l.Trailer, 8<<10, 1<<20)
	if l.Body == 0 {
		l.Body = 1 << 20
	}
	if l.Discard == 0 {
		l.Discard = 256 << 10
	}
	return l
}

// Timeouts bound how long a peer may take. Zero fields have the defaults that are given; negative ones mean for ever. They are
// kept to within a second or so.
type Timeouts struct {
	// FirstByte is how long a new connection may be silent: 30 s. Then it is closed.
	FirstByte time.Duration
	// Head is how long a head may take from its first byte to its last: 60 s. The answer is 408.
	Head time.Duration
	// Body is how long the peer may send nothing in the middle of a body: 30 s. The answer is 408.
	Body time.Duration
	// Send is how long the peer may take nothing of a response that is there for it, up to twice that: 60 s. Then the connection is
	// closed.
	Send time.Duration
	// Idle is how long a connection may be silent between two requests: 75 s. Then it is closed.
	Idle time.Duration
}

func (t Timeouts) prepare() Timeouts {
	set := func(d *time.Duration, byDefault time.Duration) {
		if *d == 0 {
			*d = byDefault
		}
	}
	set(&t.FirstByte, 30*time.Second)
	set(&t.Head, 60*time.Second)
	set(&t.Body, 30*time.Second)
	set(&t.Send, 60*time.Second)
	set(&t.Idle, 75*time.Second)
	return t
}
