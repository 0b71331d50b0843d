// Package across uses package helper.
package across

import (
	"example.org/use/helper"

	"github.com/ropewalk/ropewalk/buffer"
)

func quiet(a buffer.Allocator, k *helper.Keeper, to chan *buffer.Buf) int {
	b := helper.Make(a)
	if helper.First(b) == 3 {
		helper.Die()
	}
	n := k.Buf().Len()
	o := helper.Fill(a.Alloc(1))
	helper.Fill(o)
	if helper.Same(b, o) {
		n++
	}
	helper.Drop(b)
	helper.Send(to, o)
	m := helper.Message{Body: a.Alloc(1)}
	n += m.Len()
	m.Release()
	k.Take().Release()
	return n
}

func leaks(a buffer.Allocator, k *helper.Keeper) {
	b := helper.Make(a) // want `b leaks: it was obtained from Make`
	helper.First(b)
	o := k.Take() // want `o leaks: it was obtained from Take`
	helper.Fill(o)
	m := helper.Message{Body: a.Alloc(1)} // want `leaks: it was obtained from Alloc`
	m.Len()
}

func late(a buffer.Allocator, to chan *buffer.Buf) byte {
	b, o := a.Alloc(1), a.Alloc(1)
	helper.Drop(b)
	helper.First(b) // want `b is used after it was passed on to Drop in line 41`
	helper.Send(to, o)
	o.Release() // want `o is released although it was passed on to Send in line 43`
	c := a.Alloc(1)
	p := helper.Head(c)
	c.Release()
	m := helper.Message{Body: a.Alloc(1)}
	m.Release()
	m.Len()     // want `is used after it was passed on to Release in line 49`
	return p[0] // want `what Head has lent of c is used after c was released in line 47`
}
