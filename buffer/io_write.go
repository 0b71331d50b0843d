package buffer

import (
	"errors"
	"io"
	"net"
)

var errOffset = errors.New("buffer: offset outside of the Buf")

// ReadFrom appends what r returns until it ends, straight into the room of b, and returns how much that was. io.EOF is no
// error. It fails with ErrLimit when the allocator is at its limit; what was read by then is there. There is no other
// bound: give it an io.LimitedReader for input that cannot be trusted. It implements io.ReaderFrom.
func (b *Buf) ReadFrom(r io.Reader) (int64, error) {
	const least, patience = 512, 100
	var sum int64
	for idle := 0; ; {
		p, err := b.TryTail(least)
		if err != nil {
			return sum, err
		}
		n, err := r.Read(p)
		b.Commit(n)
		sum += int64(n)
		switch {
		case err == io.EOF:
			return sum, nil
		case err != nil:
			return sum, err
		case n > 0:
			idle = 0
		default:
			if idle++; idle == patience {
				return sum, io.ErrNoProgress
			}
		}
	}
}

// WriteAt copies p over the bytes from offset off on, in place as SetAt does, and appends what goes beyond the end. It
// fails, and changes nothing, unless 0 <= off <= Len. It implements io.WriterAt, but for one goroutine at a time.
func (b *Buf) WriteAt(p []byte, off int64) (int, error) {
	if off < 0 || off > b.Size() {
		return 0, errOffset
	}
	b.changing()
	i, rest := int(off), p
	for len(rest) > 0 && i < b.size {
		k, at := b.locate(i)
		n := copy(b.seg(k).bytes()[at:], rest)
		i, rest = i+n, rest[n:]
	}
	b.Write(rest)
	return len(p), nil
}

// gathers tells whether net.Buffers can write to w with one call.
func gathers(w io.Writer) bool {
	switch w.(type) {
	case *net.TCPConn, *net.UnixConn:
		return true
	}
	return false
}
