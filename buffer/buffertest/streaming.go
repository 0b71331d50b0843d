package buffertest

import (
	"bytes"
	"errors"
	"io"
	"testing/iotest"
)

// testIO checks the methods that make a Buf an io.Reader, io.Writer and so on.
func testIO(w *world) {
	for _, s := range shapes {
		w.step("shape: %s", s.name)
		p := w.random(2500)
		b := s.make(w, p)
		if err := iotest.TestReader(struct{ io.Reader }{b}, p); err != nil {
			w.fail("%v", err)
		}
		b.Release()
		b = s.make(w, p)
		var out bytes.Buffer
		if n, err := b.WriteTo(&out); n != 2500 || err != nil || !bytes.Equal(out.Bytes(), p) || b.Len() != 0 {
			w.fail("WriteTo: %d, %v", n, err)
		}
		b.Release()

		b = s.make(w, p)
		n, err := b.WriteTo(&limited{room: 700})
		if n != 700 || err != errFull || !b.EqualBytes(p[700:]) {
			w.fail("WriteTo with an error: %d, %v, %d left", n, err, b.Len())
		}
		if n, err = b.ReadFrom(iotest.OneByteReader(bytes.NewReader(p))); n != 2500 || err != nil {
			w.fail("ReadFrom: %d, %v", n, err)
		}
		want := append(bytes.Clone(p[700:]), p...)
		over := w.random(1000)
		copy(want[1500:], over)
		if n, err := b.WriteAt(over, 1500); n != 1000 || err != nil || !b.EqualBytes(want) {
			w.fail("WriteAt: %d, %v", n, err)
		}
		if n, err := b.WriteAt(over, int64(len(want)-1)); n != 1000 || err != nil || b.Len() != len(want)+999 {
			w.fail("WriteAt beyond the end: %d, %v", n, err)
		}
		b.Truncate(len(want) - 1)
		got, err := io.ReadAll(b)
		if err != nil || !bytes.Equal(got, want[:len(want)-1]) {
			w.fail("ReadAll: %d bytes, %v", len(got), err)
		}
		if _, err := b.ReadByte(); err != io.EOF {
			w.fail("ReadByte at the end: %v", err)
		}
		b.Release()
	}
	b := w.alloc.Alloc(0)
	defer b.Release()
	if _, err := b.ReadFrom(iotest.ErrReader(errFull)); err != errFull {
		w.fail("ReadFrom: %v", err)
	}
	if _, err := b.ReadFrom(idle{}); err != io.ErrNoProgress {
		w.fail("ReadFrom: %v", err)
	}
	if _, err := b.WriteAt(nil, 1); err == nil {
		w.fail("WriteAt far beyond the end did not fail")
	}
}

var errFull = errors.New("full")

// limited takes so many bytes and no more.
type limited struct{ room int }

func (l *limited) Write(p []byte) (int, error) {
	n := min(l.room, len(p))
	l.room -= n
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }
