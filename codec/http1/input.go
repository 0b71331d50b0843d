package http1

import (
	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec"
)

// input is what a stage has read and not used yet.
type input struct {
	rest    *buffer.Buf // nil if there is none
	scanned uint32      // bytes of it that were found not to be a whole head
	inside  uint8       // see Header
}

// add adds what was read.
func (in *input) add(b *buffer.Buf) {
	if in.rest == nil {
		in.rest = b
		return
	}
	codec.AddRest(in.rest, b)
}

// use drops the first n bytes.
func (in *input) use(n int) {
	if n == in.rest.Len() {
		in.rest.Release()
		in.rest = nil
		return
	}
	in.rest.Discard(n)
}

// split takes the first n bytes.
func (in *input) split(n int) *buffer.Buf {
	if n < in.rest.Len() {
		return in.rest.Split(n)
	}
	return in.leftover()
}

// worth tells whether p, the front of the rest, may show more of a head than the last time, when it was not whole. Inside of the name
// or the value of a field that takes a byte that ends it, so a long one that arrives byte by byte is not parsed for every byte.
func (in *input) worth(p []byte, limit int) bool {
	if in.inside == 0 || len(p) > limit {
		return true
	}
	for i := int(in.scanned); i < len(p); i++ {
		if chars[p[i]]&in.inside == 0 {
			return true
		}
	}
	in.scanned = uint32(len(p))
	return false
}

// more makes the rest one piece, if that is what it takes to see more than p of it, and tells whether it has.
func (in *input) more(p []byte, limit int) bool {
	in.scanned = uint32(len(p))
	if len(p) == in.rest.Len() || len(p) > limit {
		return false
	}
	straighten(in.rest, limit+1)
	return len(in.rest.First()) > len(p)
}

// keep leaves it as it can stay until there is more.
func (in *input) keep(c *buffer.Cache) {
	if in.rest != nil {
		codec.KeepRest(c, in.rest)
	}
}

// leftover gives up what there is.
func (in *input) leftover() *buffer.Buf {
	b := in.rest
	in.rest, in.scanned = nil, 0
	return b
}

// drop releases what there is.
func (in *input) drop() {
	if b := in.leftover(); b != nil {
		b.Release()
	}
}
