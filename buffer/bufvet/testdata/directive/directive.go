// Package directive says things that make no sense.
package directive

import "github.com/ropewalk/ropewalk/buffer"

// Checksum has another parameter.
//
// want +2 `Checksum has no parameter c`
//
//bufvet:borrow c
func Checksum(b *buffer.Buf) { b.Release() }

// Nothing says nothing.
//
// want +2 `a //bufvet:borrow directive names the parameters that are borrowed`
//
//bufvet:borrow
func Nothing(b *buffer.Buf) { b.Release() }

//bufvet:borrow b
// want -1 `a //bufvet:borrow directive belongs into the comment of a function`

// Owned is a misspelling.
//
// want +2 `there is no //bufvet:own directive: there are borrow, lend and ignore`
//
//bufvet:own
func Owned(b *buffer.Buf) { b.Release() }

// Kept is given away for good.
//
// want +2 `a //bufvet:lend directive stands alone`
//
//bufvet:lend it
func Kept(all []*buffer.Buf) *buffer.Buf { return all[0] }

// A Cupboard keeps a handle.
type Cupboard interface {
	// Buf returns the handle that is kept.
	//
	//bufvet:lend
	Buf() *buffer.Buf
	// Put changes it.
	//
	//bufvet:borrow with
	Put(with *buffer.Buf)
}

func look(c Cupboard) int {
	b := c.Buf()
	c.Put(b)
	return b.Len()
}

type cupboard struct{ b *buffer.Buf }

// Buf implements Cupboard, which says that it lends.
func (c *cupboard) Buf() *buffer.Buf { return c.b }

// Put implements Cupboard, which says that it borrows.
func (c *cupboard) Put(with *buffer.Buf) { c.b.Write(with.Bytes()) }
