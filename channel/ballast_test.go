package channel_test

import (
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

const (
	short  = 4 << 20 // the limit of pools in these tests
	pieces = 64 << 10
	look   = 10 * time.Millisecond
)

// ballast is memory that somebody else has.
type ballast struct {
	pool *buffer.Pool
	held,
	small []*buffer.Buf
}

// crowd returns a loop whose pool is small, and the ballast in it.
func crowd(t *testing.T) (*channeltest.Loop, *ballast) {
	l := channeltest.NewLoop(t, func(c *channel.LoopConfig) { c.Pool = &buffer.Pool{Limit: short} })
	w := &ballast{pool: l.Pool}
	t.Cleanup(func() { w.drop(0) })
	return l, w
}

func (w *ballast) inUse() int64 { s := w.pool.Stats(); return s.Live + s.Cached }

// fill takes memory until n bytes are in use, or no more is to be had.
func (w *ballast) fill(n int64) {
	for w.inUse() < n {
		b, err := w.pool.TryAlloc(pieces - buffer.DefaultHeadroom)
		if err != nil {
			return
		}
		w.held = append(w.held, b)
	}
}

// crumbs takes what is left for small blocks.
func (w *ballast) crumbs() {
	for n := 16 << 10; n > 0; n /= 2 {
		for b, err := w.pool.TryAlloc(n); err == nil; b, err = w.pool.TryAlloc(n) {
			w.small = append(w.small, b)
		}
	}
}

// drop gives back memory until n bytes of ballast are left.
func (w *ballast) drop(n int) {
	for len(w.held)*pieces > n {
		last := len(w.held) - 1
		w.held[last].Release()
		w.held = w.held[:last]
	}
	for _, b := range w.small {
		b.Release()
	}
	w.small = nil
}

const (
	pressed = short*3/4 + pieces
	tight   = short*7/8 + pieces
)

// several returns channels that keep what they get in In.
func several(l *channeltest.Loop, n int) (conns []*channeltest.Conn, sinks []*channeltest.Sink) {
	for range n {
		s := new(channeltest.Sink)
		conns, sinks = append(conns, l.Open(s, channel.Options{Linger: -1})), append(sinks, s)
	}
	return conns, sinks
}
