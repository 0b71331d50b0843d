package channel

import (
	"errors"
	"os"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
)

// Descriptors stand in their place: nothing goes past them, they are sent with the first byte behind them, and closed then.
func TestOutboundDescriptors(t *testing.T) {
	pool := new(buffer.Pool)
	c := pool.NewCache()
	var q Outbound
	write := func(s string) {
		b := c.Alloc(len(s))
		b.PutString(s)
		q.push(c, b)
	}
	null := func() *os.File {
		f, err := os.Open(os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	front := func(want string, files int) {
		t.Helper()
		var got string
		for _, p := range q.Vectors(nil, 10, 1<<20) {
			got += string(p)
		}
		if files > 0 {
			for _, p := range q.VectorsBehind(nil, 10, 1<<20) {
				got += string(p)
			}
		}
		if got != want || len(q.Descriptors()) != files {
			t.Fatalf("%q with %d files, want %q with %d", got, len(q.Descriptors()), want, files)
		}
	}
	one, two, three := null(), null(), null()
	write("abc")
	q.pushDescriptors([]*os.File{one, two})
	write("def")
	q.pushDescriptors([]*os.File{three})
	write("ghi")
	if q.Weight() != 9+2*fileWeight || q.rest() != 9 || q.Empty() {
		t.Errorf("weight %d, rest %d", q.Weight(), q.rest())
	}
	front("abc", 0)
	q.Advance(2)
	front("c", 0)
	q.Advance(1)
	front("def", 2)
	if q.File() == nil || q.File().Size() != 0 || q.Bytes() != 0 {
		t.Error("descriptors are taken for bytes, or a file of some")
	}
	q.Advance(1)
	front("ef", 0)
	for _, f := range []*os.File{one, two} {
		if err := f.Close(); !errors.Is(err, os.ErrClosed) {
			t.Error("a file that was sent is open")
		}
	}
	var taken buffer.Queue
	q.Take(c, 2, &taken)
	front("ghi", 1)
	if taken.Len() != 2 || q.Weight() != 3+fileWeight {
		t.Errorf("%d bytes taken, weight %d", taken.Len(), q.Weight())
	}
	taken.Clear()
	q.clear()
	if err := three.Close(); !errors.Is(err, os.ErrClosed) {
		t.Error("a file that was dropped is open")
	}
	if !q.Empty() || q.Weight() != 0 || q.rest() != 0 {
		t.Errorf("cleared: weight %d, rest %d", q.Weight(), q.rest())
	}
	c.Close()
	if n := pool.Live(); n != 0 {
		t.Errorf("%d buffers were not released", n)
	}
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
}

// Take gives a file of no bytes its turn, as Advance does.
func TestOutboundTakeBeforeFiles(t *testing.T) {
	pool := new(buffer.Pool)
	c := pool.NewCache()
	var q Outbound
	b := c.Alloc(10)
	b.PutString("0123456789")
	q.push(c, b)
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	q.pushFile(handle(&openFile{fd: int(f.Fd()), f: f}, 0, 0))
	var taken buffer.Queue
	q.Take(c, 4, &taken)
	q.Take(c, 6, &taken)
	if !q.Empty() || q.Weight() != 0 || taken.Len() != 10 {
		t.Errorf("weight %d, %d bytes taken", q.Weight(), taken.Len())
	}
	taken.Clear()
	c.Close()
	if n := pool.Live(); n != 0 {
		t.Errorf("%d buffers were not released", n)
	}
}
