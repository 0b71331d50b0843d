package buffer

// A ByteSet is a set of byte values, for IndexAny. The zero value is empty. Methods with a pointer receiver change it.
type ByteSet [4]uint64

// BytesOf returns the set of the bytes in chars.
func BytesOf(chars string) ByteSet {
	var s ByteSet
	for i := range len(chars) {
		s.Add(chars[i])
	}
	return s
}

// Add adds c.
func (s *ByteSet) Add(c byte) { s[c>>6] |= 1 << (c & 63) }

// AddRange adds all bytes from lo to hi, both included.
func (s *ByteSet) AddRange(lo, hi byte) {
	for c := int(lo); c <= int(hi); c++ {
		s.Add(byte(c))
	}
}

// Invert makes s the set of the bytes that were not in it.
func (s *ByteSet) Invert() {
	for i := range s {
		s[i] = ^s[i]
	}
}

// Has tells whether c is in the set.
func (s *ByteSet) Has(c byte) bool { return s[c>>6]&(1<<(c&63)) != 0 }
