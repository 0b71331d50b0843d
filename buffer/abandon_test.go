package buffer_test

import (
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
)

// TestAbandon panics in a decoder and in a handler. Nothing may leak, and nothing be released twice.
func TestAbandon(t *testing.T) {
	pool := buffertest.Pool(t)
	c := pool.NewCache()
	defer c.Close()
	out := c.Alloc(0)
	defer func() { out.Release() }()
	for name, work := range map[string]func(r *buffer.Reader){
		"decoder, nothing taken": func(r *buffer.Reader) { r.Uint8() },
		"decoder, two taken":     func(r *buffer.Reader) { r.Take(5); r.Take(6) },
		"decoder, a loan":        func(r *buffer.Reader) { r.Next(1500) },
		"handler has it":         func(r *buffer.Reader) { r.Take(5); r.Commit() },
		"handler released it":    func(r *buffer.Reader) { b := r.Take(5); r.Commit(); b.Release() },
		"handler passed it on":   func(r *buffer.Reader) { b := r.Take(5); r.Commit(); out.Append(b) },
		"nested": func(r *buffer.Reader) {
			b := r.Take(900)
			r.Commit()
			inner := c.Reader(b)
			inner.Take(7)
		},
	} {
		b := c.Alloc(0)
		b.PutZero(1000)
		b.Append(b.Copy())
		c.Publish()
		live := pool.Live()
		r := c.Reader(b)
		func() {
			defer func() { recover() }()
			work(r)
			panic("as tests do")
		}()
		c.Abandon()
		r.Close()
		c.Publish()
		if n := pool.Live(); n != live {
			t.Errorf("%s: %d buffers are live, want %d", name, n, live)
		}
		b.Release()
	}
}
