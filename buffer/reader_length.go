package buffer

// The Length methods read the number in front of a value of that many bytes. A length of more than max is ErrTooLarge in
// a ReadError that says where the prefix stands: nothing is allocated or waited for on the word of a peer. They
// return 0 when the reader has failed. A negative max allows only zero.

// Length8 reads a length of one byte.
func (r *Reader) Length8(max int) int { return r.length(uint64(r.Uint8()), 1, max) }

// Length16 reads a length of two bytes, most significant first.
func (r *Reader) Length16(max int) int { return r.length(uint64(r.Uint16()), 2, max) }

// Length24 reads a length of three bytes, most significant first.
func (r *Reader) Length24(max int) int { return r.length(uint64(r.Uint24()), 3, max) }

// Length32 reads a length of four bytes, most significant first.
func (r *Reader) Length32(max int) int { return r.length(uint64(r.Uint32()), 4, max) }

// Length64 reads a length of eight bytes, most significant first.
func (r *Reader) Length64(max int) int { return r.length(r.Uint64(), 8, max) }

// LengthUvarint reads a length as Uvarint does.
func (r *Reader) LengthUvarint(max int) int {
	at := r.at()
	v := r.Uvarint()
	return r.length(v, r.at()-at, max)
}

// Length checks a length that was read some other way: r.Length(uint64(r.Uint32LE()), max). The ReadError names the
// reader's position, behind the prefix.
func (r *Reader) Length(v uint64, max int) int { return r.length(v, 0, max) }

// length checks a length whose prefix of the given width was just read.
func (r *Reader) length(v uint64, width, limit int) int {
	if r.err != nil {
		return 0
	}
	if most := uint64(max(limit, 0)); v > most {
		r.Fail(&ReadError{What: "length", At: r.Offset() - width, Err: ErrTooLarge, Value: v, Max: most})
		return 0
	}
	return int(v)
}
