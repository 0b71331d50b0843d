package buffer

import "io"

// Read moves up to len(p) bytes from the front into p: they are discarded. It returns io.EOF when b is empty and p is not.
// It implements io.Reader.
func (b *Buf) Read(p []byte) (int, error) {
	if b.size == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	n := b.CopyAt(p, 0)
	b.Discard(n)
	return n, nil
}

// ReadByte removes the first byte and returns it, or io.EOF when b is empty. It implements io.ByteReader.
func (b *Buf) ReadByte() (byte, error) {
	if b.size == 0 {
		return 0, io.EOF
	}
	c := b.At(0)
	b.Discard(1)
	return c, nil
}

// ReadAt copies bytes from offset off on into p and leaves b as it is. It returns io.EOF when there are fewer than len(p).
// It implements io.ReaderAt, except that calls must not run in parallel with changes.
func (b *Buf) ReadAt(p []byte, off int64) (int, error) {
	switch {
	case off < 0:
		return 0, errOffset
	case off > b.Size():
		return 0, io.EOF
	}
	n := b.CopyAt(p, int(off))
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// WriteTo writes all bytes to w and discards what was written, also when it fails. A Buf of several pieces leaves with
// one writev(2) when w is a connection that supports it. It implements io.WriterTo.
func (b *Buf) WriteTo(w io.Writer) (int64, error) {
	if b.size == 0 {
		return 0, nil
	}
	if b.Segments() > 1 && gathers(w) {
		v := b.NetBuffers()
		n, err := v.WriteTo(w)
		if err == nil {
			err = b.Err()
		}
		b.Discard(int(n))
		return n, err
	}
	var sum int64
	for b.size > 0 {
		p := b.one.bytes()
		n, err := w.Write(p)
		if n < 0 || n > len(p) {
			panic("buffer: a Writer returned an impossible count")
		}
		if err == nil {
			err = b.Err()
		}
		b.Discard(n)
		sum += int64(n)
		switch {
		case err != nil:
			return sum, err
		case n < len(p):
			return sum, io.ErrShortWrite
		}
	}
	return sum, nil
}
