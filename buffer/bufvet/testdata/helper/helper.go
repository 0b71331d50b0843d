// Package helper is used by package across: what its functions do travels as facts.
package helper

import (
	"log"

	"github.com/ropewalk/ropewalk/buffer"
)

// First only borrows.
//
//bufvet:borrow b
func First(b *buffer.Buf) byte { return b.At(0) }

// Drop owns.
func Drop(b *buffer.Buf) { b.Release() }

// Make returns what the caller owns.
func Make(a buffer.Allocator) *buffer.Buf { return a.Alloc(1) }

// Fill returns what it was given.
func Fill(b *buffer.Buf) *buffer.Buf {
	b.PutUint8(1)
	return b
}

// Head lends bytes of what it borrows.
//
//bufvet:borrow b
func Head(b *buffer.Buf) []byte { return b.Bytes()[:1] }

// A Keeper keeps a handle.
type Keeper struct{ b *buffer.Buf }

// Buf leaves it where it is.
func (k *Keeper) Buf() *buffer.Buf { return k.b }

// Take does not.
func (k *Keeper) Take() *buffer.Buf {
	b := k.b
	k.b = nil
	return b
}

// A Message carries a handle.
type Message struct{ Body *buffer.Buf }

// Release releases it.
func (m Message) Release() { m.Body.Release() }

// Len does not.
func (m Message) Len() int { return m.Body.Len() }

// Send passes on what may be a handle.
func Send[T any](to chan T, m T) { to <- m }

// Same only looks.
func Same[T comparable](a, b T) bool { return a == b }

// Die does not return.
func Die() { log.Fatal("no") }
