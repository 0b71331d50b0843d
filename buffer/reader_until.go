package buffer

// The Until methods read up to a delimiter, and the delimiter. They accept at most max bytes in front of it; more are
// ErrTooLarge, also when the delimiter has not arrived yet. A search that came up short is remembered with its place, see
// Scanned, so that no byte is looked at twice however small the pieces are that it arrives in. That holds for one search
// at one place of a message: a decoder that may search for different delimiters there looks for them one
// by one with Peek.

// Until returns the bytes in front of delim, empty but not nil if there are none, and reads them and delim. The slice is
// borrowed as that of Peek. It returns nil when the reader has failed.
func (r *Reader) Until(delim byte, max int) []byte {
	return r.cutAt(r.untilByte(delim, max), 1)
}

// UntilSequence is Until for a delimiter of several bytes. Too many bytes are noticed when max+len(seq) are there
// at the latest. seq is not kept and not changed. An empty one is found at once.
func (r *Reader) UntilSequence(seq []byte, max int) []byte {
	return r.cutAt(r.untilSeq(seq, max), len(seq))
}

// TakeUntil is Until that returns a Buf of its own, without copying, as Take does.
func (r *Reader) TakeUntil(delim byte, max int) *Buf {
	return r.takeAt(r.untilByte(delim, max), 1)
}

// TakeUntilSequence is UntilSequence that returns a Buf of its own, without copying, as Take does.
func (r *Reader) TakeUntilSequence(seq []byte, max int) *Buf {
	return r.takeAt(r.untilSeq(seq, max), len(seq))
}

// cutAt lends n bytes and reads them and a delimiter. A negative n is a failed search.
func (r *Reader) cutAt(n, delim int) []byte {
	if n < 0 {
		return nil
	}
	p := []byte{}
	if n > 0 {
		p = r.lend(n)
	}
	r.Skip(n + delim)
	r.own = max(r.own, r.at())
	return p
}

// takeAt takes n bytes and reads a delimiter behind them.
func (r *Reader) takeAt(n, delim int) *Buf {
	if n < 0 {
		return nil
	}
	b := r.Take(n)
	r.Skip(delim)
	return b
}

// untilByte returns how many bytes lie in front of delim, or fails and returns -1.
func (r *Reader) untilByte(delim byte, limit int) int {
	from, to, ok := r.window(limit, 1)
	if !ok {
		return -1
	}
	if i := r.src.indexByte(delim, from, to); i >= 0 {
		return i - r.at()
	}
	return r.notFound(to, 1, limit)
}

// untilSeq is untilByte for a sequence.
func (r *Reader) untilSeq(seq []byte, limit int) int {
	from, to, ok := r.window(limit, len(seq))
	if !ok {
		return -1
	}
	if i := r.src.index(seq, from, to); i >= 0 {
		return i - r.at()
	}
	return r.notFound(to, len(seq), limit)
}

// window returns the part of the Buf that a search for a delimiter of n bytes must look at.
func (r *Reader) window(limit, n int) (from, to int, ok bool) {
	if r.err != nil {
		return 0, 0, false
	}
	from, to = r.at(), r.src.size
	if most := max(limit, 0); to-from-n > most {
		to = from + most + n
	}
	if r.scanAt == r.at() {
		from = min(max(from, r.scanTo), to)
	}
	return from, to, true
}

// notFound fails after a search that has looked at all bytes in front of offset to.
func (r *Reader) notFound(to, n, limit int) int {
	have, most := to-r.at(), max(limit, 0)
	if have >= n && have-n >= most {
		r.fail("text before a delimiter", uint64(most)+1, uint64(most), ErrTooLarge)
		return -1
	}
	r.scanAt = r.at()
	r.scanTo = r.scanAt + max(have-n+1, 0)
	r.short(max(have+1, n))
	return -1
}
