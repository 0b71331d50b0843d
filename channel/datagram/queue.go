package datagram

import "github.com/ropewalk/ropewalk/channel"

// A record says what the next bytes of the queue are: a packet, and whose.
type record struct {
	Address
	size  int32 // of the packet
	bytes int32 // that stand for it in the queue: one for a packet without any
	tos   uint8
}

// A chunk is a piece of the list of records. An idle socket has none: the loop keeps some for those that have.
type chunk struct {
	next       *chunk
	first, end int // records in use
	records    [chunkLen]record
}

const (
	chunkLen   = 64
	keptChunks = 64 // free ones that a loop keeps
)

// spare are the free chunks of a loop.
type spare struct {
	top *chunk
	n   int
}

var spares = channel.NewLocal(func(*channel.Loop) *spare { return new(spare) })

func (f *spare) get() *chunk {
	c := f.top
	if c == nil {
		return new(chunk)
	}
	f.top, c.next = c.next, nil
	f.n--
	return c
}

func (f *spare) put(c *chunk) {
	if f.n < keptChunks {
		c.first, c.end = 0, 0
		c.next, f.top = f.top, c
		f.n++
	}
}

// Outbound is the packets that a socket has to send, in order. A Backend takes from its front.
type Outbound struct {
	head, tail *chunk
	packets    int
	bytes      *channel.Outbound // while the backend has it
	spare      *spare
	socket     *Socket
}

// Len returns the number of packets.
func (o *Outbound) Len() int { return o.packets }

// push adds a record, which the caller fills in.
func (o *Outbound) push() *record {
	t := o.tail
	if t == nil || t.end == chunkLen {
		t = o.grow()
	}
	t.end++
	o.packets++
	return &t.records[t.end-1]
}

func (o *Outbound) grow() *chunk {
	c := o.spare.get()
	if o.tail == nil {
		o.head = c
	} else {
		o.tail.next = c
	}
	o.tail = c
	return c
}

// unpush takes the last record away. The chunk that it was the first of stays, until the queue is empty.
func (o *Outbound) unpush() {
	o.tail.end--
	o.packets--
	if o.packets == 0 {
		o.clear()
	}
}

// first returns the first record, nil if there is none.
func (o *Outbound) first() *record {
	if o.packets == 0 {
		return nil
	}
	return &o.head.records[o.head.first]
}

// pop drops the first record.
func (o *Outbound) pop() {
	c := o.head
	c.first++
	o.packets--
	if o.packets == 0 {
		o.clear()
	} else if c.first == c.end {
		o.head = c.next
		o.spare.put(c)
	}
}

// clear drops all records.
func (o *Outbound) clear() {
	for c := o.head; c != nil; {
		next := c.next
		o.spare.put(c)
		c = next
	}
	o.head, o.tail, o.packets = nil, nil, 0
}

// Sent drops the first n packets, which were sent.
func (o *Outbound) Sent(n int) {
	bytes := 0
	for range n {
		r := o.first()
		bytes += int(r.bytes)
		o.socket.counts.SentBytes += uint64(r.size)
		o.pop()
	}
	o.socket.counts.Sent += uint64(n)
	o.bytes.Advance(int64(bytes))
}

// Lost drops the first packet, which the system has refused.
func (o *Outbound) Lost(err error) {
	r := o.first()
	bytes, peer := r.bytes, r.Peer
	o.pop()
	o.bytes.Advance(int64(bytes))
	o.socket.counts.Lost++
	o.socket.failed(peer, err)
}
