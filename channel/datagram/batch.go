package datagram

// A Run is one or more packets that follow each other in the queue, to be sent by one entry of a system call. They have one
// address, and all but the last have the same size, which the last may fall short of: what segmentation offload for UDP wants (udp(7),
// UDP_SEGMENT).
type Run struct {
	Address
	TOS     uint8
	Packets int
	Size    int      // of the first packet
	Bytes   int      // of all
	Pieces  [][]byte // where they lie; borrowed until the queue changes

	from int // of Pieces, in Batch.pieces
}

// Limits bound what Outbound.Next collects.
type Limits struct {
	Runs     int // entries of the system call
	Segments int // packets of a run; 1 for a system that does not split what it is given
	Size     int // of packets that may be in a run with others
}

// A Batch is what one system call shall send. It is made once, and filled again and again.
type Batch struct {
	Runs   []Run
	pieces [][]byte // of the runs
	queued [][]byte // of the queue
}

const (
	maxRunBytes = 65_000    // of several packets: what IP can carry, less the headers
	maxPieces   = 1024      // that the queue is asked for at a time
	maxBytes    = 512 << 10 // likewise: more than sockets take by default
)

// Next fills b with packets from the front of the queue: at least one, if there is any.
func (o *Outbound) Next(b *Batch, limit Limits) {
	b.Runs, b.pieces = b.Runs[:0], b.pieces[:0]
	b.queued = o.bytes.Vectors(b.queued[:0], maxPieces, maxBytes)
	at := cursor{pieces: b.queued, start: -1}
	for _, p := range b.queued {
		at.left += len(p)
	}
	for c := o.head; c != nil; c = c.next {
		for i := c.first; i < c.end; i++ {
			if !b.add(&c.records[i], &at, &limit) {
				b.finish()
				return
			}
		}
	}
	b.finish()
}

// add puts a packet into the last run, or one of its own, if there is room for it and its bytes are among the queued ones.
func (b *Batch) add(r *record, at *cursor, limit *Limits) bool {
	if int(r.bytes) > at.left {
		return false
	}
	if n := len(b.Runs); n > 0 && b.Runs[n-1].takes(r, limit) {
		run := &b.Runs[n-1]
		run.Packets++
		run.Bytes += int(r.size)
		b.pieces = at.take(b.pieces, int(r.size))
		return true
	}
	if len(b.Runs) == limit.Runs {
		return false
	}
	b.Runs = append(b.Runs, Run{Address: r.Address, TOS: r.tos, Packets: 1, Size: int(r.size), Bytes: int(r.size), from: len(b.pieces)})
	at.start = -1
	if r.size == 0 {
		at.skip(int(r.bytes))
	} else {
		b.pieces = at.take(b.pieces, int(r.size))
	}
	return true
}

// takes tells whether a packet may follow those of a run.
func (run *Run) takes(r *record, limit *Limits) bool {
	size := int(r.size)
	return run.Packets < limit.Segments && size > 0 && size <= run.Size && run.Size <= limit.Size &&
		run.Bytes == run.Packets*run.Size && // none was shorter yet
		run.Bytes+size <= maxRunBytes && run.Address == r.Address && run.TOS == r.tos
}

// finish tells the runs where their bytes are, now that the list of pieces does not move any more.
func (b *Batch) finish() {
	end := len(b.pieces)
	for i := len(b.Runs) - 1; i >= 0; i-- {
		run := &b.Runs[i]
		run.Pieces = b.pieces[run.from:end:end]
		end = run.from
	}
}

// A cursor goes through the bytes of the queue.
type cursor struct {
	pieces [][]byte
	off    int // in the first of pieces
	start  int // where the latest piece that was taken began, in the first of pieces; -1 if it was another, or another run's
	left   int
}

// take appends the next n bytes to dst. Those that follow the latest piece make it longer.
func (c *cursor) take(dst [][]byte, n int) [][]byte {
	for n > 0 {
		p := c.pieces[0]
		m := min(n, len(p)-c.off)
		if c.start >= 0 {
			dst[len(dst)-1] = p[c.start : c.off+m]
		} else {
			dst = append(dst, p[c.off:c.off+m])
			c.start = c.off
		}
		c.skip(m)
		n -= m
	}
	return dst
}

// skip goes past n bytes of the first piece.
func (c *cursor) skip(n int) {
	c.off += n
	c.left -= n
	if c.off == len(c.pieces[0]) {
		c.pieces, c.off, c.start = c.pieces[1:], 0, -1
	}
}
