// Package double releases twice.
package double

import (
	"errors"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec"
)

func twice(b *buffer.Buf) {
	b.Release()
	b.Release() // want `b is released a second time: it was released in line 13`
}

func perhaps(b *buffer.Buf, bad bool) {
	if bad {
		b.Release()
	}
	b.Release() // want `b is released a second time: it was released in line 19`
}

func deferred(b *buffer.Buf, bad bool) error {
	defer b.Release() // want `b is released a second time: it was released in line 27`
	if bad {
		b.Release()
		return errors.New("bad")
	}
	return nil
}

func foreign(ch *channel.Channel, b *buffer.Buf) error {
	err := ch.Write(b)
	if err != nil {
		b.Release() // want `b is released although it was passed on to Write in line 34`
	}
	return err
}

func deferredAndPassed(ch *channel.Channel, b *buffer.Buf) error {
	defer b.Release() // want `b is released although it was passed on to Write in line 43`
	return ch.Write(b)
}

func appended(a, b *buffer.Buf) {
	a.Append(b)
	b.Release() // want `b is released although it was passed on to Append in line 47`
	a.Release()
}

func inLiteral(b *buffer.Buf) {
	free := func() { b.Release() }
	free()
	free() // want `b is released a second time`
}

func helped(b *buffer.Buf) {
	free(b)
	b.Release() // want `b is released although it was passed on to free in line 59`
}

func free(b *buffer.Buf) { b.Release() }

func loop(b *buffer.Buf, n int) {
	for range n {
		b.Release() // want `b is released a second time: it was released in line 67`
	}
} // want `b leaks on this path`

type message struct{ body *buffer.Buf }

func ofMessage(m message) {
	m.body.Release()
	m.body.Release() // want `m.body is released a second time`
}

type framer struct{ codec.Decoder[*buffer.Buf] }

// Wrap releases what codec.Framer says is borrowed.
func (framer) Wrap(m *buffer.Buf) error {
	if m.Len() == 0 {
		m.Release() // want `m is released, but it was only borrowed: Wrap, or an interface that it implements, has a //bufvet:borrow directive`
		return errors.New("bad")
	}
	return nil
}

type encoder struct{}

func (encoder) Encode(dst *buffer.Buf, m *buffer.Buf) error {
	m.Append(dst) // want `dst is passed on, but it was only borrowed`
	m.Release()
	return nil
}
