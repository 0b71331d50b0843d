package buffertest

import (
	"encoding/binary"
	"strconv"

	"github.com/ropewalk/ropewalk/buffer"
)

// testPut appends in all ways and reads everything back.
func testPut(w *world) {
	for range 20 {
		b := w.alloc.Alloc(w.dice.IntN(100))
		var want []byte
		for range 200 {
			want = put(w, b, want)
		}
		e := w.add(b, want)
		w.verify()
		checkReads(w, e.b, want)
		w.release(e)
	}
	testVarints(w)
	testText(w)
}

// put appends one thing to b and to its model.
func put(w *world, b *buffer.Buf, want []byte) []byte {
	v := w.number()
	switch w.dice.IntN(12) {
	case 0:
		b.PutUvarint(v)
		return binary.AppendUvarint(want, v)
	case 1:
		b.PutVarint(int64(v))
		return binary.AppendVarint(want, int64(v))
	case 2:
		b.PutDecimal(int64(v))
		return strconv.AppendInt(want, int64(v), 10)
	case 3:
		b.PutUdecimal(v)
		return strconv.AppendUint(want, v, 10)
	case 4:
		b.PutHex(v)
		return strconv.AppendUint(want, v, 16)
	case 5:
		n := w.dice.IntN(600)
		b.PutZero(n)
		return append(want, make([]byte, n)...)
	case 6:
		s := string(w.random(w.dice.IntN(600)))
		b.PutString(s)
		return append(want, s...)
	case 7:
		b.WriteByte(byte(v))
		return append(want, byte(v))
	}
	f := &numbers[w.dice.IntN(len(numbers))]
	f.put(b, v)
	n := len(want)
	want = append(want, make([]byte, f.n)...)
	f.encode(want[n:], v)
	return want
}

// number returns a number of any size.
func (w *world) number() uint64 {
	return binary.BigEndian.Uint64(w.random(8)) >> w.dice.IntN(64)
}

// testVarints reads back what it put, over random cuts.
func testVarints(w *world) {
	for range 100 {
		v := w.number()
		p := binary.AppendVarint(binary.AppendUvarint(nil, v), int64(v))
		b := pieces(w, p)
		r := buffer.NewReader(b)
		if got := r.Uvarint(); got != v {
			w.fail("Uvarint is %d, want %d", got, v)
		}
		if got := r.Varint(); got != int64(v) {
			w.fail("Varint is %d, want %d", got, int64(v))
		}
		if r.Err() != nil || r.Len() != 0 {
			w.fail("varints: %v, %d bytes left", r.Err(), r.Len())
		}
		r.Close()
		b.Release()
	}
}

// testText parses the numbers that it put as text, over random cuts.
func testText(w *world) {
	for range 100 {
		v := w.number()
		p := strconv.AppendInt(nil, int64(v), 10)
		i := len(p)
		p = strconv.AppendUint(p, v, 10)
		j := len(p)
		p = strconv.AppendUint(p, v, 16)
		b := pieces(w, p)
		if got, err := b.ParseDecimal(0, i); err != nil || got != int64(v) {
			w.fail("ParseDecimal of %q is %d, %v", p[:i], got, err)
		}
		if got, err := b.ParseUdecimal(i, j); err != nil || got != v {
			w.fail("ParseUdecimal of %q is %d, %v", p[i:j], got, err)
		}
		if got, err := b.ParseHex(j, len(p)); err != nil || got != v {
			w.fail("ParseHex of %q is %d, %v", p[j:], got, err)
		}
		b.Release()
	}
}
