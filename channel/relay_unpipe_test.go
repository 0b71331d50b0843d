package channel

import (
	"io"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
)

// standIn is a pipe of a test.
type standIn struct{ released int }

func (p *standIn) Release()                         { p.released++ }
func (p *standIn) WriteTo(io.Writer) (int64, error) { return 0, nil }

// What was read out of a pipe takes its place: behind what went before, in front of what follows.
func TestUnpipe(t *testing.T) {
	var pool buffer.Pool
	c := pool.NewCache()
	text := func(s string) *buffer.Buf {
		b := c.Alloc(len(s))
		b.PutString(s)
		return b
	}
	var q Outbound
	var entry File
	p := new(standIn)
	q.push(c, text("before, "))
	q.pushPipe(&entry, p, 6)
	q.push(c, text("behind"))
	if q.Pipe() != nil {
		t.Error("the pipe is in front of bytes that were queued before it")
	}
	q.Advance(int64(len("before, ")))
	if q.Pipe() != Pipe(p) {
		t.Fatal("the pipe is not next")
	}
	q.Advance(2) // of it
	if n := q.rest(); n != 4+6 {
		t.Errorf("%d bytes are left", n)
	}
	q.Unpipe(c, text("ped, "))
	if p.released != 1 || q.Pipe() != nil || q.File() != nil || q.Weight() != len("ped, behind") || q.rest() != int64(q.Weight()) {
		t.Errorf("released %d times, weight %d, %d bytes left", p.released, q.Weight(), q.rest())
	}
	got := ""
	for _, v := range q.Vectors(nil, 10, 100) {
		got += string(v)
	}
	if got != "ped, behind" {
		t.Errorf("%q", got)
	}
	q.pushPipe(&entry, p, 3) // the entry is free again
	q.clear()
	if p.released != 2 || !q.done() {
		t.Errorf("released %d times after clear", p.released)
	}
	c.Close()
	if n := pool.Live(); n != 0 {
		t.Errorf("%d buffers were not released", n)
	}
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
}
