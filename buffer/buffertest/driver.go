package buffertest

import (
	"bytes"

	"github.com/ropewalk/ropewalk/buffer"
)

// A driver decodes random messages from a handle of the world, and handles what it decoded.
type driver struct {
	*world
	e     *entry
	r     *buffer.Reader
	pos   int
	takes []*entry // of this attempt, not yet of the world
	lent  []loan   // to this attempt
}

// message makes one attempt and commits it or rolls it back.
func (d *driver) message() {
	d.pos, d.takes, d.lent = d.e.skip, nil, nil
	for range between(d.dice, 1, 6) {
		d.field()
	}
	if err := d.r.Err(); err != nil {
		d.fail("reader: %v", err)
	}
	if d.dice.IntN(4) == 0 {
		d.step("   roll back")
		if d.dice.IntN(2) == 0 {
			d.r.Skip(len(d.e.want) + 1)
		}
		d.r.Rollback()
		return
	}
	if got := d.r.Offset(); got != d.pos-d.e.skip {
		d.fail("Offset is %d, want %d", got, d.pos-d.e.skip)
	}
	d.step("   commit up to %d", d.pos)
	d.r.Commit()
	d.e.skip = d.pos
	d.loans = append(d.loans, d.lent...)
	d.handles = append(d.handles, d.takes...)
	for _, e := range d.takes { // the header of a reply goes in front
		if d.dice.IntN(2) == 0 {
			d.prepend(e, between(d.dice, 1, 24))
			d.verify()
		}
	}
	for range d.dice.IntN(6) {
		d.handle()
		d.verify()
	}
}

// field reads a piece of the message in one of the ways there are.
func (d *driver) field() {
	rest := d.e.want[d.pos:]
	n := min(size(d.dice), len(rest))
	switch d.dice.IntN(7) {
	case 0, 1: // by value
		for n = min(n, 24); n > 0; n-- {
			if got := d.r.Uint8(); got != d.e.want[d.pos] {
				d.fail("Uint8 at %d is %#x, want %#x", d.pos, got, d.e.want[d.pos])
			}
			d.pos++
		}
	case 2:
		d.step("   peek %d at %d", n, d.pos)
		d.borrow(d.r.Peek(n), rest[:n])
	case 3:
		d.step("   next %d at %d", n, d.pos)
		d.borrow(d.r.Next(n), rest[:n])
		d.pos += n
	case 4:
		d.r.Skip(n)
		d.pos += n
	default:
		if d.dice.IntN(4) == 0 && len(rest) > 0 {
			d.until(rest)
			return
		}
		d.step("   take %d at %d: %d", n, d.pos, d.ids+1)
		d.take(d.r.Take(n), rest[:n])
		d.pos += n
	}
}

// until takes up to a delimiter that is there.
func (d *driver) until(rest []byte) {
	c := rest[d.dice.IntN(len(rest))]
	n := bytes.IndexByte(rest, c)
	d.step("   until %#x: %d bytes at %d", c, n, d.pos)
	if d.dice.IntN(2) == 0 {
		d.take(d.r.TakeUntil(c, n), rest[:n])
	} else {
		d.borrow(d.r.Until(c, n), rest[:n])
	}
	d.pos += n + 1
}

func (d *driver) borrow(p, want []byte) {
	if !bytes.Equal(p, want) {
		d.fail("borrowed %d bytes that differ", len(want))
	}
	d.lent = append(d.lent, loan{p, bytes.Clone(want)})
}

func (d *driver) take(b *buffer.Buf, want []byte) {
	d.add(b, want)
	n := len(d.handles) - 1
	d.takes = append(d.takes, d.handles[n])
	d.handles = d.handles[:n]
}

// handle does something with what was taken, as a handler does before the next message is decoded.
func (d *driver) handle() {
	reply := []move{movePrepend, moveFrontAgain, moveTail, moveTailAgain, moveAppend, movePush, moveRelease, moveSlice,
		moveSplit, moveSet, moveAdvance, moveDrive, moveAlloc}
	reply[d.dice.IntN(len(reply))](d.world)
}
