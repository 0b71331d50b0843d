// Package use comes too late.
package use

import (
	"fmt"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/pipeline"
)

func released(b *buffer.Buf) int {
	b.Release()
	return b.Len() // want `b is used after it was released in line 13`
}

func written(c *pipeline.Ctx[*buffer.Buf], b *buffer.Buf) error {
	err := c.Write(b)
	fmt.Println(b.Len()) // want `b is used after it was passed on to Write in line 18`
	return err
}

func returned(b *buffer.Buf) *buffer.Buf {
	b.Release()
	return b // want `b is returned after it was released in line 24`
}

func returnedDeferred(b *buffer.Buf) *buffer.Buf {
	defer b.Release()
	return b // want `b is returned after it was released in line 29`
}

func sent(to chan *buffer.Buf, b *buffer.Buf) {
	to <- b
	b.PutUint8(1) // want `b is used after it was passed on to a channel in line 34`
}

func pushed(c *buffer.Cache, q *buffer.Queue, b *buffer.Buf) {
	q.Push(c, b)
	q.Push(c, b) // want `b is passed on although it was passed on to Push in line 39`
}

func afterGo(b *buffer.Buf) {
	go func() { b.Release() }()
	b.PutUint8(1) // want `b is used after it was passed on to a function literal in line 44`
}

func afterDo(r channel.Remote, b *buffer.Buf) {
	r.Do(func(ch *channel.Channel, err error) { b.Release() })
	b.PutUint8(1) // want `b is used after it was passed on to Do in line 49`
}

func onOnePath(b *buffer.Buf, bad bool) {
	if bad {
		b.Release()
	}
	b.PutUint8(1) // want `b is used after it was released in line 55`
	b.Release()   // want `b is released a second time`
}

func stored(s *struct{ b *buffer.Buf }, b *buffer.Buf) {
	b.Release()
	s.b = b // want `b is stored after it was released in line 62`
}

func throughAny(b *buffer.Buf) {
	var v any = b
	b.Release()
	fmt.Println(v) // want `b is used after it was released`
}

func throughPhi(a, b *buffer.Buf, first bool) {
	x := a
	if first {
		x = b
	}
	x.Release()
	a.PutUint8(1) // want `a is used after it was released in line 77`
	a.Release()   // want `a is released a second time`
} // want `b leaks on this path`

type message struct {
	id   int
	body *buffer.Buf
}

func ofMessage(c *pipeline.Ctx[message], m message) error {
	if err := c.Write(m); err != nil {
		return fmt.Errorf("%d bytes: %w", m.body.Len(), err) // want `m.body is used after it was passed on to Write in line 88`
	}
	return nil
}

func joined(a, b *buffer.Buf) *buffer.Buf {
	a.Append(b)
	b.PutUint8(1) // want `b is used after it was passed on to Append`
	return a
}
