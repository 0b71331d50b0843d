// Package leak loses handles.
package leak

import (
	"errors"
	"log"
	"os"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec"
)

var errBad = errors.New("bad")

func never(a buffer.Allocator) int {
	b := a.Alloc(64) // want `b leaks: it was obtained from Alloc, and is neither released nor passed on`
	b.PutString("x")
	return b.Len()
}

func discarded(a buffer.Allocator) {
	a.Alloc(64)     // want `the result of Alloc leaks: nothing is done with it`
	_ = a.Alloc(64) // want `the result of Alloc leaks: nothing is done with it`
}

func onError(a buffer.Allocator, bad bool) error {
	b := a.Alloc(64)
	if bad {
		return errBad // want `b leaks on this path: it was obtained from Alloc in line 27, and is neither released nor passed on`
	}
	b.Release()
	return nil
}

func checked(a buffer.Allocator, bad bool) error {
	b, err := a.TryAlloc(64)
	if err != nil {
		return err // b is nil
	}
	if bad {
		return errBad // want `b leaks on this path`
	}
	b.Release()
	return nil
}

func blank(a buffer.Allocator) error {
	_, err := a.TryAlloc(64) // want `the result of TryAlloc leaks`
	return err
}

func again(a buffer.Allocator, n int) {
	for i := range n {
		b := a.Alloc(i)
		if b.Len() == 0 { // want `b leaks on this path`
			continue
		}
		b.Release()
	}
}

func overwritten(a buffer.Allocator) {
	b := a.Alloc(1) // want `b leaks: nothing is done with it`
	b = a.Alloc(2)
	b.Release()
}

func parts(b *buffer.Buf) {
	head := b.Split(4) // want `head leaks: it was obtained from Split`
	copied := b.Copy()
	defer copied.Release()
	log.Print(head.Len(), copied.Len())
	b.Release()
}

func wrapped(a buffer.Allocator, p []byte) {
	b := buffer.Wrap(a, p, nil) // want `b leaks`
	log.Print(b.Len())
}

func popped(q *buffer.Queue, most int) {
	for b := q.Pop(); b != nil; b = q.Pop() {
		if b.Len() > most {
			return // want `b leaks on this path: it was obtained from Pop`
		}
		b.Release()
	}
}

func received(from chan *buffer.Buf, bad bool) {
	b := <-from
	if bad {
		return // want `b leaks on this path: it was received in line 91`
	}
	b.Release()
}

func tried(to chan *buffer.Buf, b *buffer.Buf) {
	select {
	case to <- b:
	default:
		log.Print("full")
	}
} // want `b leaks on this path`

func selected(from chan *buffer.Buf, done chan bool, bad bool) {
	select {
	case b := <-from:
		if bad {
			return // want `leaks on this path`
		}
		b.Release()
	case <-done:
	}
}

func switched(a buffer.Allocator, kind int) error {
	b := a.Alloc(1)
	switch kind {
	case 1:
		b.Release()
	case 2:
		return errBad // want `b leaks on this path`
	default:
		b.Release()
	}
	return nil
}

func read(b *buffer.Buf) int {
	defer b.Release()
	r := buffer.NewReader(b)
	defer r.Close()
	body := r.Take(4)
	if body == nil {
		return 0
	}
	if body.Len() > 3 {
		return 1 // want `body leaks on this path: it was obtained from Take`
	}
	body.Release()
	return 2
}

type stage struct{ rest *buffer.Buf }

// drop forgets to release what it took out of the field.
func (s *stage) drop() int {
	b := s.rest // want `b leaks: it was taken out`
	n := b.Len()
	s.rest = nil
	return n
}

func inLiteral(a buffer.Allocator) func(bool) {
	return func(bad bool) {
		b := a.Alloc(1)
		if bad {
			return // want `b leaks on this path`
		}
		b.Release()
	}
}

func framed(a buffer.Allocator, f codec.Framer) error {
	b := a.Alloc(1)
	if err := f.Wrap(b); err != nil { // borrows, as its directive says
		return err // want `b leaks on this path`
	}
	b.Release()
	return nil
}

func eachChunk(a buffer.Allocator) error {
	b := a.Alloc(9)
	for p := range b.Chunks() {
		if p[0] == 0 {
			return errBad // want `b leaks on this path`
		}
	}
	if b.Len() == 7 {
		return errBad // want `b leaks on this path`
	}
	b.Release()
	return nil
}

type message struct {
	id   int
	body *buffer.Buf
}

func (m message) release() { m.body.Release() }

func composed(a buffer.Allocator, bad bool) error {
	m := message{id: 1, body: a.Alloc(1)}
	if bad {
		return errBad // want `the result of Alloc leaks on this path`
	}
	m.release()
	return nil
}

// Serve looks at the body, so there is one.
func Serve(m message) error {
	if m.body.Len() == 0 {
		return errBad // want `m.body leaks on this path: Serve owns it as a parameter`
	}
	m.body.Release()
	return nil
}

func make1(a buffer.Allocator) *buffer.Buf { return a.Alloc(1) }

func helped(a buffer.Allocator) {
	b := make1(a) // want `b leaks: it was obtained from make1`
	b.PutUint8(1)
}

func fatal(a buffer.Allocator, how int) {
	b := a.Alloc(1)
	switch how {
	case 1:
		panic("no matter")
	case 2:
		os.Exit(1)
	case 3:
		log.Fatal("no matter")
	case 4:
		die()
	}
	b.Release()
}

func die() { os.Exit(2) }
