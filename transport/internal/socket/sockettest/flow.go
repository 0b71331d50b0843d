//go:build linux

package sockettest

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// A Flow is a stream of bytes that both sides can make by themselves: what is lost, doubled, late, or another's shows at once.
// The zero value is at the start of stream 0. A Flow belongs to one goroutine at a time.
type Flow struct {
	Stream uint32 // streams with other numbers are other bytes
	At     int    // how many of them have passed
}

// noise is what all streams are cut from. Its length is a prime number, so that nothing of two powers falls into step with it.
var noise = func() []byte {
	p := make([]byte, 65521)
	rng := rand.NewChaCha8([32]byte{1})
	rng.Read(p)
	return p
}()

// rest returns the bytes from the present place on, at least one.
func (f *Flow) rest() []byte { return noise[(f.At+int(f.Stream)*7919)%len(noise):] }

// Fill fills p with the next bytes.
func (f *Flow) Fill(p []byte) {
	for len(p) > 0 {
		n := copy(p, f.rest())
		p, f.At = p[n:], f.At+n
	}
}

// Next returns the next n bytes in memory of their own.
func (f *Flow) Next(n int) []byte {
	p := make([]byte, n)
	f.Fill(p)
	return p
}

// Put returns a buffer of ch with the next n bytes. It must be called on the loop.
func (f *Flow) Put(ch *channel.Channel, n int) *buffer.Buf {
	b := ch.Alloc(n)
	p := b.Tail(n)[:n]
	f.Fill(p)
	b.Commit(n)
	return b
}

// Check returns an error unless p is what comes next.
func (f *Flow) Check(p []byte) error {
	for len(p) > 0 {
		want := f.rest()
		want = want[:min(len(want), len(p))]
		if got := p[:len(want)]; !bytes.Equal(got, want) {
			at := 0
			for got[at] == want[at] {
				at++
			}
			return fmt.Errorf("stream %d: another byte than was sent at %d", f.Stream, f.At+at)
		}
		p, f.At = p[len(want):], f.At+len(want)
	}
	return nil
}

// CheckBuf is Check for a Buf, which stays the caller's.
//
//bufvet:borrow b
func (f *Flow) CheckBuf(b *buffer.Buf) error {
	for p := range b.Chunks() {
		if err := f.Check(p); err != nil {
			return err
		}
	}
	return nil
}

// CheckFrom reads n bytes by way of room and returns an error unless they are what comes next.
func (f *Flow) CheckFrom(r io.Reader, n int, room []byte) error {
	for n > 0 {
		m, err := r.Read(room[:min(n, len(room))])
		if err := f.Check(room[:m]); err != nil {
			return err
		}
		if n -= m; err != nil && n > 0 {
			return fmt.Errorf("stream %d: at %d, with %d bytes to come: %w", f.Stream, f.At, n, err)
		}
	}
	return nil
}
