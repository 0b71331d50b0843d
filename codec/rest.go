package codec

import (
	"math"

	"github.com/ropewalk/ropewalk/buffer"
)

const (
	// smallRest is the size up to which a rest, and what is added to it, is copied together rather than kept as views of
	// the 64 KiB blocks that a loop reads into.
	smallRest = 8 << 10
	// searchAhead is how much may be missing to a message whose end is searched for.
	searchAhead = 512
)

// The functions here make sure that there is memory before they copy. If there is none the views stay what they are: no
// handler has asked for memory, so none shall lose its channel.

// AddRest adds b to the input that a stage keeps, and consumes it. Small pieces are copied together.
//
//bufvet:borrow rest
func AddRest(rest, b *buffer.Buf) {
	limit := smallRest
	if n := b.Len(); n <= limit && rest.Room() < n {
		if _, err := rest.TryTail(n); err != nil {
			limit = 0
		}
	}
	rest.Gather(b, limit)
}

// KeepRest prepares input to be kept until there is more of it: what is small is put into a block of its own size, so that
// it does not keep the 64 KiB in place that it was read into.
//
//bufvet:borrow rest
func KeepRest(c *buffer.Cache, rest *buffer.Buf) {
	if rest.Len() > smallRest {
		return
	}
	spare, err := c.TryAlloc(rest.Len()) // of the class that Own takes; the cache keeps it until then
	if err != nil {
		return
	}
	spare.Release()
	rest.Own()
}

// tellRest tells the channel what is missing to the message that has begun.
func (d *driver[T, W]) tellRest() {
	n := int64(d.want) - int64(d.rest.Len())
	if d.scanTo != 0 {
		n = max(n, searchAhead)
	}
	d.Channel().Lacks(int(min(max(n, 0), math.MaxInt32)))
}
