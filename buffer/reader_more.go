package buffer

// TakeRest takes all bytes that were not read yet, as Take does. It returns nil when the reader has failed.
func (r *Reader) TakeRest() *Buf { return r.Take(r.Len()) }

// String reads n bytes into a new string. A peer's n must be bounded, see Length32.
func (r *Reader) String(n int) string {
	if !r.Have(n) {
		return ""
	}
	s := r.src.Text(r.at(), r.at()+n)
	r.Skip(n)
	return s
}

// Copy reads len(p) bytes into p. When there are not as many it fails with ErrShort, and p is left as it is.
func (r *Reader) Copy(p []byte) {
	if r.Have(len(p)) {
		r.src.CopyAt(p, r.at())
		r.Skip(len(p))
	}
}
