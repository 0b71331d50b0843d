// Package param does not look after what it is given.
package param

import (
	"errors"
	"fmt"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/pipeline"
)

var errBad = errors.New("bad")

type stage struct {
	pipeline.Context[*buffer.Buf, *buffer.Buf]
	seen int
}

func (s *stage) Read(m *buffer.Buf) error {
	if m.Len() < 4 {
		return errBad // want `m leaks on this path: Read owns it as a parameter in line 21`
	}
	s.seen++
	return s.Fire(m)
}

func (s *stage) Write(m *buffer.Buf) error { // want `m leaks: Write owns it, and neither releases it nor passes it on`
	s.seen++
	return nil
}

// Checksum is seen by others, who take it that it owns b.
func Checksum(b *buffer.Buf) (sum byte) { // want `b leaks: Checksum owns it.*bufvet:borrow b`
	for i := range b.Len() {
		sum += b.At(i)
	}
	return sum
}

// Sum says that it does not.
//
//bufvet:borrow b
func Sum(b *buffer.Buf) byte { return sum(b) }

// sum is a helper: what it does is to be seen.
func sum(b *buffer.Buf) byte { return b.At(0) + b.At(1) }

func handlers() []pipeline.Stage {
	cooked := func(c *pipeline.Ctx[*buffer.Buf], m *buffer.Buf) error {
		if m.Len() == 0 {
			return errBad // want `m leaks on this path: the function owns it as a parameter`
		}
		return c.Write(m)
	}
	return []pipeline.Stage{
		pipeline.Serve(func(c *pipeline.Ctx[*buffer.Buf], m *buffer.Buf) error { // want `m leaks: the function owns it`
			fmt.Println(m.Len())
			return nil
		}),
		pipeline.Serve(forgetful),
		pipeline.Serve(new(app).serve),
		pipeline.Serve(cooked),
	}
}

func forgetful(c *pipeline.Ctx[*buffer.Buf], m *buffer.Buf) error { // want `m leaks: forgetful owns it`
	fmt.Println(m.Len())
	return nil
}

type app struct{ n int }

func (a *app) serve(c *pipeline.Ctx[*buffer.Buf], m *buffer.Buf) error { // want `m leaks: serve owns it`
	a.n += m.Len()
	return nil
}

// later has a function run on the loop, which owns what it uses then.
func later(r channel.Remote, b *buffer.Buf) {
	r.Do(func(ch *channel.Channel, err error) {
		if err != nil {
			return // want `b leaks on this path: this function took it over`
		}
		ch.Write(b)
	})
}

func sink() *channeltest.Sink {
	return &channeltest.Sink{OnRead: func(b *buffer.Buf) error { // want `b leaks: the function owns it`
		fmt.Println(b.Len())
		return nil
	}}
}

// own calls a function in a field with what it owns.
type own struct{ on func(b *buffer.Buf) error }

func (o *own) Read(b *buffer.Buf) error { return o.on(b) }

func newOwn() *own {
	o := new(own)
	o.on = func(b *buffer.Buf) error {
		if b.Len() > 3 {
			return errBad // want `b leaks on this path`
		}
		b.Release()
		return nil
	}
	return o
}

// lend calls a function in a field with what it releases itself.
type lend struct{ on func(b *buffer.Buf) error }

func (l *lend) Read(b *buffer.Buf) error {
	defer b.Release()
	return l.on(b)
}

func newLend() *lend { return &lend{on: func(b *buffer.Buf) error { return errBad }} }

func conditional(b *buffer.Buf, keep map[string]*buffer.Buf, name string) bool {
	if _, ok := keep[name]; ok {
		return false // unexported, and it only stores: nothing is known
	}
	keep[name] = b
	return true
}
