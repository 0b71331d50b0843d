package main

import (
	"bytes"
	"fmt"

	"github.com/ropewalk/ropewalk/buffer"
)

// sum is where results go, so that the compiler keeps what makes them.
var sum uint64

var bufferOps = []operation{
	alloc("buffer/alloc/cache/64", 64, func(b *bed) buffer.Allocator { return b.loop.Cache() }),
	alloc("buffer/alloc/cache/4096", 4096, func(b *bed) buffer.Allocator { return b.loop.Cache() }),
	alloc("buffer/alloc/pool/64", 64, func(b *bed) buffer.Allocator { return b.pool }),
	sharing("buffer/slice", 1, func(c *buffer.Cache, o *buffer.Buf) *buffer.Buf {
		o.Slice(100, 200).Release()
		return o
	}),
	sharing("buffer/split+append", 1, func(c *buffer.Cache, o *buffer.Buf) *buffer.Buf { // side by side again
		head := o.Split(100)
		head.Append(o)
		return head
	}),
	sharing("buffer/append/link", 2, func(c *buffer.Cache, o *buffer.Buf) *buffer.Buf {
		x := c.Alloc(0)
		x.Append(o.Slice(0, 1000))
		x.Append(o.Slice(2000, 3000))
		x.Release()
		return o
	}),
	sharing("buffer/append/copy", 4, func(c *buffer.Cache, o *buffer.Buf) *buffer.Buf {
		x := c.Alloc(1024)
		for i := range 4 {
			x.Append(o.Slice(1000*i, 1000*i+100))
		}
		x.Release()
		return o
	}),
	reading("buffer/reader/uint8", func(r *buffer.Reader) { sum += uint64(r.Uint8()) }),
	reading("buffer/reader/uint32", func(r *buffer.Reader) { sum += uint64(r.Uint32()) }),
	reading("buffer/reader/uint64le", func(r *buffer.Reader) { sum += r.Uint64LE() }),
	reading("buffer/reader/uvarint", func(r *buffer.Reader) { sum += r.Uvarint() }),
	{"buffer/reader/take", 500, 1, take},
	{"buffer/put/uint32", 500, 1, put},
	search("buffer/index/byte/1024", func(o *buffer.Buf) int { return o.IndexByte('\n', 0) }),
	search("buffer/index/sequence/1024", func(o *buffer.Buf) int { return o.Index(crlf, 0) }),
	search("buffer/index/set/1024", func(o *buffer.Buf) int { return o.IndexAny(&ends, 0) }),
}

var (
	crlf = []byte("\r\n")
	ends = buffer.BytesOf("\r\n")
)

// alloc is a buffer that is made, written to, and released.
func alloc(name string, size int, from func(*bed) buffer.Allocator) operation {
	return operation{name, 500, 1, func(b *bed) func(int) {
		a := from(b)
		return func(n int) {
			for range n {
				o := a.Alloc(size)
				o.PutUint8(1)
				o.Release()
			}
		}
	}}
}

// sharing is something done with 32 KiB, which it returns.
func sharing(name string, per int, f func(*buffer.Cache, *buffer.Buf) *buffer.Buf) operation {
	return operation{name, 500, per, func(b *bed) func(int) {
		c := b.loop.Cache()
		o := c.Alloc(32 << 10)
		o.PutZero(32 << 10)
		b.atEnd(func() { o.Release() })
		return func(n int) {
			for range n {
				o = f(c, o)
			}
		}
	}}
}

// reading is a value that is read, 500 of them from the same reader.
func reading(name string, f func(*buffer.Reader)) operation {
	return operation{name, 4, 500, func(b *bed) func(int) {
		c := b.loop.Cache()
		o := c.Alloc(4096)
		for range 512 {
			o.PutUint64(0x0102030405060708)
		}
		b.atEnd(o.Release)
		return func(n int) {
			for range n {
				r := c.Reader(o)
				for range 500 {
					f(r)
				}
				if r.Failed() {
					panic(fmt.Sprint(name, ": ", r.Err()))
				}
				r.Close()
			}
		}
	}}
}

// take is 100 bytes behind their length, taken as a message is.
func take(b *bed) func(int) {
	c := b.loop.Cache()
	o := c.Alloc(200)
	o.PutUint32(100)
	o.PutZero(100)
	b.atEnd(o.Release)
	return func(n int) {
		for range n {
			r := c.Reader(o)
			m := r.Take(r.Length32(1 << 20))
			r.Commit()
			m.Release()
			r.Repay()
			r.Close()
		}
	}
}

func put(b *bed) func(int) {
	o := b.loop.Cache().Alloc(4096)
	b.atEnd(o.Release)
	return func(n int) {
		for i := range n {
			if i%500 == 0 {
				o.Truncate(0)
			}
			o.PutUint32(1)
		}
	}
}

// search finds the last of 1,024 bytes.
func search(name string, f func(*buffer.Buf) int) operation {
	return operation{name, 50, 1, func(b *bed) func(int) {
		o := b.loop.Cache().Alloc(1024)
		o.Write(bytes.Repeat([]byte("x"), 1022))
		o.PutString("\r\n")
		b.atEnd(o.Release)
		return func(n int) {
			for range n {
				if f(o) < 1022 {
					panic(name + ": not found")
				}
			}
		}
	}}
}
