package buffertest

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/ropewalk/ropewalk/buffer"
)

// checkReads compares what the methods of b say that leave it as it is with what the model says.
func checkReads(w *world, b *buffer.Buf, want []byte) {
	n := len(want)
	if b.Len() != n || b.Size() != int64(n) {
		w.fail("Len is %d, want %d", b.Len(), n)
	}
	checkNumbers(w, b, want)
	checkSearch(w, b, want)
	checkCompare(w, b, want)
	i := w.dice.IntN(n + 1)
	j := between(w.dice, i, n)
	if got := b.Text(i, j); got != string(want[i:j]) {
		w.fail("Text(%d, %d) differs", i, j)
	}
	p := make([]byte, size(w.dice))
	if m := b.CopyAt(p, i); m != min(len(p), n-i) || !bytes.Equal(p[:m], want[i:i+m]) {
		w.fail("CopyAt(%d, %d) differs", len(p), i)
	}
	m, err := b.ReadAt(p, int64(i))
	if m != min(len(p), n-i) || !bytes.Equal(p[:m], want[i:i+m]) || (err == io.EOF) != (m < len(p)) {
		w.fail("ReadAt(%d, %d) = %d, %v", len(p), i, m, err)
	}
	all := slices.Concat(slices.Collect(b.Chunks())...)
	if !bytes.Equal(all, want) || !bytes.Equal(all, slices.Concat(b.NetBuffers()...)) {
		w.fail("the pieces are not the whole")
	}
	if n < 1000 {
		if s := b.Dump(); strings.Count(s, "\n") != (n+15)/16 {
			w.fail("Dump of %d bytes:\n%s", n, s)
		}
	}
	if s := b.String(); len(s) > 300 {
		w.fail("String is %d bytes", len(s))
	}
}

func checkNumbers(w *world, b *buffer.Buf, want []byte) {
	for k := range numbers {
		f := &numbers[k]
		if len(want) < f.n {
			continue
		}
		i := w.dice.IntN(len(want) - f.n + 1)
		if got := f.get(b, i); got != f.decode(want[i:]) {
			w.fail("%s(%d) = %#x, want %#x", f.name, i, got, f.decode(want[i:]))
		}
	}
	if len(want) > 0 {
		if i := w.dice.IntN(len(want)); b.At(i) != want[i] {
			w.fail("At(%d) = %#x, want %#x", i, b.At(i), want[i])
		}
	}
}

// offset turns an index behind from into an offset in the whole.
func offset(from, i int) int {
	if i < 0 {
		return -1
	}
	return from + i
}

func checkSearch(w *world, b *buffer.Buf, want []byte) {
	from := w.dice.IntN(len(want) + 1)
	rest := want[from:]
	c := byte(w.dice.IntN(256))
	if got, ok := b.IndexByte(c, from), offset(from, bytes.IndexByte(rest, c)); got != ok {
		w.fail("IndexByte(%#x, %d) = %d, want %d", c, from, got, ok)
	}
	if got, ok := b.LastIndexByte(c), bytes.LastIndexByte(want, c); got != ok {
		w.fail("LastIndexByte(%#x) = %d, want %d", c, got, ok)
	}
	var set buffer.ByteSet
	set.AddRange(c, c|7)
	in := func(c byte) bool { return set.Has(c) }
	if got, ok := b.IndexAny(&set, from), offset(from, slices.IndexFunc(rest, in)); got != ok {
		w.fail("IndexAny(%#x, %d) = %d, want %d", c, from, got, ok)
	}
	if got, ok := b.IndexFunc(in, from), offset(from, slices.IndexFunc(rest, in)); got != ok {
		w.fail("IndexFunc(%#x, %d) = %d, want %d", c, from, got, ok)
	}
	seq := []byte{c, c + 1}
	if len(rest) > 0 && w.dice.IntN(4) > 0 { // one that is there
		i := w.dice.IntN(len(rest))
		seq = bytes.Clone(rest[i:min(len(rest), i+w.dice.IntN(40))])
		if len(seq) > 1 && w.dice.IntN(4) == 0 { // or nearly
			seq[len(seq)-1]++
		}
	}
	if got, ok := b.Index(seq, from), offset(from, bytes.Index(rest, seq)); got != ok {
		w.fail("Index(%d bytes, %d) = %d, want %d", len(seq), from, got, ok)
	}
}

func checkCompare(w *world, b *buffer.Buf, want []byte) {
	n := w.dice.IntN(len(want) + 1)
	if !b.EqualBytes(want) || !b.HasPrefix(want[:n]) || !b.HasSuffix(want[n:]) {
		w.fail("not equal to its model")
	}
	other := bytes.Clone(want[:n])
	if n > 0 && w.dice.IntN(2) == 0 {
		other[w.dice.IntN(n)] ^= 1 << w.dice.IntN(8)
	}
	same := bytes.Equal(want, other)
	if b.EqualBytes(other) != same || b.HasPrefix(other) != bytes.HasPrefix(want, other) ||
		b.HasSuffix(other) != bytes.HasSuffix(want, other) {
		w.fail("compared wrongly with %d bytes", n)
	}
	o := w.alloc.Alloc(0)
	defer o.Release()
	o.Write(other)
	if got, ok := b.Compare(o), bytes.Compare(want, other); got != ok || b.Equal(o) != same || o.Compare(b) != -ok {
		w.fail("Compare is %d, want %d", got, ok)
	}
}
