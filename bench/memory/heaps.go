package main

import (
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/bytedance/gopkg/lang/mcache"
	"github.com/ropewalk/ropewalk/buffer"
	"github.com/valyala/bytebufferpool"
)

// A heap is an allocator as the parts that need handles of several see it. The
// two calls through an interface cost each row the same nanoseconds.
type heap[H any] interface {
	get(n, stride int) H // n bytes; writes every stride-th byte, and the last
	put(h H)
	held() int64 // bytes that the allocator has from the system
	idle()       // gives back what a program with nothing to do gives back
	close() error
}

func touch(p []byte, stride int) {
	for i := 0; i < len(p); i += stride {
		p[i] = 1
	}
	p[len(p)-1] = 1
}

// trimAfter is what pools are made with. A process that replays a pattern sets it: a replay takes some hundred nanoseconds for an
// operation that stands for 50 us, one of 20,000 in a second, so the pool's clock has to go as much faster.
var trimAfter time.Duration

const replayTrimAfter = buffer.DefaultTrimAfter / 250

func newPool() *buffer.Pool { return &buffer.Pool{TrimAfter: trimAfter} }

// cacheHeap is an event loop's cache.
type cacheHeap struct {
	poolHeap
	cache *buffer.Cache
}

func openCache() heap[*buffer.Buf] {
	pool := newPool()
	return cacheHeap{poolHeap{pool}, pool.NewCache()}
}

func (h cacheHeap) get(n, stride int) *buffer.Buf { return filled(h.cache.Alloc(n), n, stride) }

// idle lets the pool ask for what the cache has, and takes it once the cache has given it.
func (h cacheHeap) idle() {
	h.poolHeap.idle()
	if c, ok := any(h.cache).(interface{ Trim() }); ok {
		c.Trim()
		h.poolHeap.idle()
	}
}

func (h cacheHeap) close() error {
	h.cache.Close()
	return h.poolHeap.close()
}

// poolHeap is a pool as goroutines without a loop use it.
type poolHeap struct{ pool *buffer.Pool }

func openPool() heap[*buffer.Buf] { return poolHeap{newPool()} }

func (h poolHeap) get(n, stride int) *buffer.Buf { return filled(h.pool.Alloc(n), n, stride) }
func (h poolHeap) put(o *buffer.Buf)             { o.Release() }
func (h poolHeap) held() int64                   { return h.pool.Held() }
func (h poolHeap) close() error                  { return h.pool.Close() }

// idle trims the pool if it can.
func (h poolHeap) idle() {
	if p, ok := any(h.pool).(interface{ Trim() int64 }); ok {
		p.Trim()
	}
}

func filled(o *buffer.Buf, n, stride int) *buffer.Buf {
	touch(o.Tail(n)[:n], stride)
	o.Commit(n)
	return o
}

// goMemory is what all heaps have in common that live on the Go heap.
type goMemory struct{}

// held counts spans, whether in use or free, that were not given back to the system.
func (goMemory) held() int64 {
	s := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
	}
	metrics.Read(s)
	return int64(s[0].Value.Uint64() + s[1].Value.Uint64() + s[2].Value.Uint64())
}

// idle is what the runtime does in some minutes. A sync.Pool gives up what it
// has in two collections.
func (goMemory) idle() {
	debug.FreeOSMemory()
	debug.FreeOSMemory()
}

func (goMemory) close() error { return nil }

type pow2Heap struct {
	goMemory
	pool *pow2
}

func openPow2() heap[*[]byte] { return pow2Heap{pool: new(pow2)} }

func (h pow2Heap) get(n, stride int) *[]byte {
	s := h.pool.get(n)
	touch(*s, stride)
	return s
}

func (h pow2Heap) put(s *[]byte) { h.pool.put(s) }

type mcacheHeap struct{ goMemory }

func openMcache() heap[[]byte] { return mcacheHeap{} }

func (mcacheHeap) get(n, stride int) []byte {
	s := mcache.Malloc(n)
	touch(s, stride)
	return s
}

func (mcacheHeap) put(s []byte) { mcache.Free(s) }

type byteBufferHeap struct {
	goMemory
	pool *bytebufferpool.Pool
}

func openByteBuffers() heap[*bytebufferpool.ByteBuffer] {
	return byteBufferHeap{pool: new(bytebufferpool.Pool)}
}

func (h byteBufferHeap) get(n, stride int) *bytebufferpool.ByteBuffer {
	o := h.pool.Get()
	if cap(o.B) < n {
		o.B = make([]byte, n)
	}
	o.B = o.B[:n]
	touch(o.B, stride)
	return o
}

func (h byteBufferHeap) put(o *bytebufferpool.ByteBuffer) { h.pool.Put(o) }

type makeHeap struct{ goMemory }

func openMake() heap[[]byte] { return makeHeap{} }

func (makeHeap) get(n, stride int) []byte {
	s := make([]byte, n)
	touch(s, stride)
	return s
}

func (makeHeap) put([]byte) {}
