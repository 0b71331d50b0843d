package buffer_test

import (
	"bytes"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
)

// fileOf returns a file with a text, which is closed at the end of the test.
func fileOf(t testing.TB, text []byte) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err == nil {
		_, err = f.Write(text)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// mapPool is a pool for a test, at whose end nothing is mapped any more.
func mapPool(t testing.TB) *buffer.Pool {
	t.Helper()
	before := buffer.Maps()
	t.Cleanup(func() {
		if n := buffer.Maps(); n != before {
			t.Errorf("%d files are mapped, %d were at the start", n, before)
		}
	})
	return buffertest.Pool(t)
}

func mapOf(t testing.TB, p *buffer.Pool, f *os.File, off, n int64) *buffer.Buf {
	t.Helper()
	b, err := p.Map(f, off, n)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func textOf(n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(i*7 + i>>8 + 1)
	}
	return p
}

func TestMap(t *testing.T) {
	p := mapPool(t)
	text := textOf(3*4096 + 100)
	f := fileOf(t, text)
	for _, r := range [][2]int{{0, len(text)}, {0, 1}, {1, 4095}, {4095, 2}, {4096, 4096}, {8000, len(text) - 8000}, {len(text) - 1, 1}, {5, 0}, {len(text), 0}} {
		b := mapOf(t, p, f, int64(r[0]), int64(r[1]))
		if want := text[r[0]:][:r[1]]; !b.EqualBytes(want) || b.Len() != r[1] || b.Err() != nil {
			t.Errorf("%d bytes at %d: %d bytes, %v", r[1], r[0], b.Len(), b.Err())
		}
		b.Release()
	}
	b := mapOf(t, p, f, 0, int64(len(text)))
	f.Close()
	c := b.Clone()
	s := b.Slice(4000, 9000)
	head := b.Split(5000)
	b.Release()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if !s.EqualBytes(text[4000:9000]) {
			t.Error("the slice has other bytes")
		}
		s.Release()
	}()
	<-done
	if !c.EqualBytes(text) || !head.EqualBytes(text[:5000]) {
		t.Error("other bytes")
	}
	c.Release()
	head.Release()
}

func TestMapRefused(t *testing.T) {
	p := mapPool(t)
	f := fileOf(t, textOf(100))
	for _, r := range [][2]int64{{-1, 1}, {0, -1}, {0, 101}, {101, 0}, {50, 51}, {1 << 62, 1 << 62}} {
		if b, err := p.Map(f, r[0], r[1]); err == nil {
			t.Errorf("%v: mapped", r)
			b.Release()
		} else if !strings.Contains(err.Error(), f.Name()) {
			t.Errorf("%v: %v", r, err)
		}
	}
	empty := fileOf(t, nil)
	mapOf(t, p, empty, 0, 0).Release()
	dir, err := os.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	if _, err := p.Map(dir, 0, 0); !errors.Is(err, buffer.ErrNotRegular) {
		t.Errorf("directory: %v", err)
	}
	f.Close()
	if _, err := p.Map(f, 0, 1); !errors.Is(err, os.ErrClosed) {
		t.Errorf("closed file: %v", err)
	}
}

// TestMapWrites: whatever writes to a Buf leaves the file's pages alone, which would end the program.
func TestMapWrites(t *testing.T) {
	p := mapPool(t)
	text := textOf(10_000)
	f := fileOf(t, text)
	with := func(i int, with ...byte) []byte {
		q := bytes.Clone(text)
		copy(q[i:], with)
		return q
	}
	masked := bytes.Clone(text)
	buffer.MaskBytes(masked, [4]byte{1, 2, 3, 4}, 1)
	writeAt := func(b *buffer.Buf) {
		if _, err := b.WriteAt([]byte("xyz"), 5); err != nil {
			t.Error(err)
		}
	}
	for name, c := range map[string]struct {
		do   func(b *buffer.Buf)
		want []byte
	}{
		"SetAt":     {func(b *buffer.Buf) { b.SetAt(3, 200) }, with(3, 200)},
		"SetUint16": {func(b *buffer.Buf) { b.SetUint16(3, 0x0102) }, with(3, 1, 2)},
		"SetUint24": {func(b *buffer.Buf) { b.SetUint24(3, 0x010203) }, with(3, 1, 2, 3)},
		"SetUint32": {func(b *buffer.Buf) { b.SetUint32(3, 0x01020304) }, with(3, 1, 2, 3, 4)},
		"SetUint64": {func(b *buffer.Buf) { b.SetUint64LE(9, 0x0102) }, with(9, 2, 1, 0, 0, 0, 0, 0, 0)},
		"WriteAt":   {writeAt, with(5, []byte("xyz")...)},
		"Mask":      {func(b *buffer.Buf) { b.Mask([4]byte{1, 2, 3, 4}, 1) }, masked},
		"Put":       {func(b *buffer.Buf) { b.PutUint16(0x0102) }, append(bytes.Clone(text), 1, 2)},
		"Write":     {func(b *buffer.Buf) { b.Write(text) }, append(bytes.Clone(text), text...)},
		"Prepend":   {func(b *buffer.Buf) { b.PrependUint32(0x01020304) }, append([]byte{1, 2, 3, 4}, text...)},
		"Discard":   {func(b *buffer.Buf) { b.Discard(4); copy(b.Prepend(4), "abcd") }, with(0, []byte("abcd")...)},
		"Truncate":  {func(b *buffer.Buf) { b.Truncate(9_999); b.PutUint8(7) }, with(9_999, 7)},
		"Split": {func(b *buffer.Buf) {
			h := b.Split(100)
			h.PutUint8(7)
			copy(b.Prepend(1), "x")
			h.Append(b.Clone())
			b.Discard(b.Len())
			b.Append(h)
		}, append(append(bytes.Clone(text[:100]), 7, 'x'), text[100:]...)},
	} {
		b := mapOf(t, p, f, 0, int64(len(text)))
		c.do(b)
		if !b.EqualBytes(c.want) || b.Err() != nil {
			t.Errorf("%s: other bytes, %v", name, b.Err())
		}
		b.Release()
	}
	// A decoder's header in front of what it takes is headroom for a reply: not here.
	b := mapOf(t, p, f, 0, int64(len(text)))
	r := buffer.NewReader(b)
	r.Uint32()
	m := r.Take(10)
	r.Close()
	m.PrependUint32(1)
	m.PutUint8(2)
	m.Release()
	b.Release()
	if got, err := os.ReadFile(f.Name()); err != nil || !bytes.Equal(got, text) {
		t.Errorf("the file has changed, %v", err)
	}
}

// TestMapTruncated: several goroutines read while the file becomes shorter. None dies, what is in front of the new end is
// right, and Err tells exactly those apart that show something behind it.
func TestMapTruncated(t *testing.T) {
	if buffer.MapCopies {
		t.Log("files are copied here")
	}
	p := mapPool(t)
	text := textOf(64 * 4096)
	for _, to := range []int{0, 4096, 100, 30*4096 + 1234, 63*4096 + 1, len(text) - 1} {
		f := fileOf(t, text)
		all := mapOf(t, p, f, 0, int64(len(text)))
		var start, end sync.WaitGroup
		stop := make(chan struct{})
		for g := range 4 {
			b := all.Clone()
			start.Add(1)
			end.Go(func() {
				defer b.Release()
				sum := make([]byte, 3000)
				for n := 0; ; n++ {
					switch g {
					case 0:
						crc32.ChecksumIEEE(b.Bytes())
					case 1:
						bytes.Count(b.Bytes(), []byte("no such text"))
					case 2:
						c := b.Clone()
						c.WriteTo(io.Discard)
						c.Release()
					case 3:
						for at := 0; at < b.Len(); at += len(sum) {
							b.CopyAt(sum, at)
						}
					}
					if n == 0 {
						start.Done()
					}
					select {
					case <-stop:
						return
					default:
					}
				}
			})
		}
		start.Wait()
		if err := os.Truncate(f.Name(), int64(to)); err != nil {
			t.Fatal(err)
		}
		got := all.Bytes()
		if !buffer.MapCopies && (!bytes.Equal(got[:to], text[:to]) || len(bytes.Trim(got[to:], "\x00")) != 0) {
			t.Errorf("to %d: other bytes", to)
		}
		for _, v := range [][2]int{{0, len(text)}, {0, to}, {to, len(text)}, {0, min(to+1, len(text))}, {to, to}} {
			b := all.Slice(v[0], v[1])
			if want := v[1] > to && !buffer.MapCopies; errors.Is(b.Err(), buffer.ErrTruncated) != want {
				t.Errorf("to %d: bytes %v: %v", to, v, b.Err())
			}
			b.Release()
		}
		close(stop)
		end.Wait()
		all.Release()
	}
}

// TestMapTruncatedCopies: what was copied of lost bytes by methods of a Buf tells too.
func TestMapTruncatedCopies(t *testing.T) {
	if buffer.MapCopies {
		t.Log("files are copied here")
		return
	}
	p := mapPool(t)
	for name, do := range map[string]func(b *buffer.Buf) *buffer.Buf{
		"Copy":  func(b *buffer.Buf) *buffer.Buf { return b.Copy() },
		"SetAt": func(b *buffer.Buf) *buffer.Buf { c := b.Clone(); c.SetAt(0, 1); return c },
		"Bytes": func(b *buffer.Buf) *buffer.Buf { c := b.Clone(); c.Append(b.Clone()); c.Bytes(); return c },
		"Append": func(b *buffer.Buf) *buffer.Buf {
			c := p.Alloc(1000)
			c.PutUint8(1)
			c.Append(b.Slice(0, 100))
			return c
		},
		"Append in front": func(b *buffer.Buf) *buffer.Buf {
			c := p.Alloc(1000)
			c.Write(make([]byte, 500))
			s := b.Slice(0, 10)
			s.Append(c)
			return s
		},
		"Append of a copy": func(b *buffer.Buf) *buffer.Buf {
			c := p.Alloc(0)
			c.Write(make([]byte, 500))
			c.Append(b.Copy())
			return c
		},
		"Slice of a copy": func(b *buffer.Buf) *buffer.Buf { c := b.Copy(); defer c.Release(); return c.Slice(1, 2) },
		"Split of a copy": func(b *buffer.Buf) *buffer.Buf { c := b.Copy(); defer c.Release(); return c.Split(10) },
		"Take of a copy": func(b *buffer.Buf) *buffer.Buf {
			c := b.Copy()
			defer c.Release()
			r := buffer.NewReader(c)
			defer r.Close()
			return r.Take(10)
		},
	} {
		f := fileOf(t, textOf(5000))
		b := mapOf(t, p, f, 0, 5000)
		if err := os.Truncate(f.Name(), 0); err != nil {
			t.Fatal(err)
		}
		c := do(b)
		b.Release()
		if err := c.Err(); !errors.Is(err, buffer.ErrTruncated) {
			t.Errorf("%s: %v", name, err)
		}
		c.Release()
	}
	b := p.Alloc(100)
	if err := b.Err(); err != nil {
		t.Errorf("another Buf afterwards: %v", err)
	}
	b.Release()
}

func TestMapTooMany(t *testing.T) {
	if buffer.MapCopies {
		t.Log("files are copied here")
		return
	}
	p := mapPool(t)
	f := fileOf(t, textOf(10))
	var all []*buffer.Buf
	for {
		b, err := p.Map(f, 0, 10)
		if err != nil {
			// Descriptors may run out before.
			if !errors.Is(err, buffer.ErrTooManyMaps) && !strings.Contains(err.Error(), "too many open files") {
				t.Error(err)
			}
			break
		}
		if all = append(all, b); len(all) > buffer.MaxMaps {
			t.Fatal("no end")
		}
	}
	t.Logf("%d mappings", len(all))
	if err := f.Truncate(5); err != nil {
		t.Fatal(err)
	}
	if err := all[len(all)-1].Err(); err == nil {
		t.Error("the last one knows nothing")
	}
	for _, b := range all {
		b.Release()
	}
	mapOf(t, p, f, 0, 5).Release()
}

func TestMapAllocs(t *testing.T) {
	p := mapPool(t)
	f := fileOf(t, textOf(5000))
	most := 3.0 // os.FileInfo, the mapping, and its block
	if os.Getenv(buffer.Environment) != "" || raceEnabled {
		most = 20 // handles have histories
	}
	if n := testing.AllocsPerRun(200, func() { mapOf(t, p, f, 1, 4000).Release() }); n > most {
		t.Errorf("%v allocations for a mapping", n)
	}
	b := mapOf(t, p, f, 0, 5000)
	defer b.Release()
	if n := testing.AllocsPerRun(100, func() {
		if b.Err() != nil {
			t.Error(b.Err())
		}
	}); n > 0 {
		t.Errorf("%v allocations for Err", n)
	}
}
