package buffer

// The Parse functions read a number that is written as text, with nothing around it: no spaces, no plus sign, no
// underscores, at least one digit. What is not such a number is ErrMalformed, what does not fit is ErrTooLarge, both in a
// ReadError whose At counts from the start of the text. They do not keep p and allocate only for the error.

// ParseDecimal reads a number in base 10, with a minus sign in front if it is negative.
func ParseDecimal(p []byte) (int64, error) {
	neg := len(p) > 0 && p[0] == '-'
	if !neg {
		v, err := parse(p, 0, 10, 1<<63-1)
		return int64(v), err
	}
	v, err := parse(p, 1, 10, 1<<63)
	return -int64(v), err
}

// ParseUdecimal reads a number in base 10 without a sign.
func ParseUdecimal(p []byte) (uint64, error) { return parse(p, 0, 10, 1<<64-1) }

// ParseHex reads a number in base 16, in upper or lower case, without 0x and without a sign.
func ParseHex(p []byte) (uint64, error) { return parse(p, 0, 16, 1<<64-1) }

func parse(p []byte, at int, base, limit uint64) (v uint64, err error) {
	if at == len(p) {
		return 0, &ReadError{What: "number", At: at, Err: ErrMalformed}
	}
	for i, c := range p[at:] {
		d := digit(c)
		if d >= base {
			return 0, &ReadError{What: "number", At: at + i, Err: ErrMalformed}
		}
		if v > (limit-d)/base {
			return 0, &ReadError{What: "number", At: at, Err: ErrTooLarge, Value: v, Max: limit}
		}
		v = v*base + d
	}
	return v, nil
}

// digit returns the value of a digit in base 16, 255 if c is none.
func digit(c byte) uint64 {
	switch {
	case '0' <= c && c <= '9':
		return uint64(c - '0')
	case 'a' <= c && c <= 'f':
		return uint64(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return uint64(c-'A') + 10
	}
	return 255
}

// maxDigits bounds the text that the methods below look at. Leading zeros count.
const maxDigits = 64

// ParseDecimal reads bytes [i, j) as ParseDecimal does. More than 64 bytes are ErrTooLarge. It panics unless 0 <= i <= j
// <= Len.
func (b *Buf) ParseDecimal(i, j int) (int64, error) {
	var tmp [maxDigits]byte
	p, err := b.digits(&tmp, i, j)
	if err != nil {
		return 0, err
	}
	return ParseDecimal(p)
}

// ParseUdecimal reads bytes [i, j) as ParseUdecimal does, within the limits of Buf.ParseDecimal.
func (b *Buf) ParseUdecimal(i, j int) (uint64, error) {
	var tmp [maxDigits]byte
	p, err := b.digits(&tmp, i, j)
	if err != nil {
		return 0, err
	}
	return ParseUdecimal(p)
}

// ParseHex reads bytes [i, j) as ParseHex does, within the limits of Buf.ParseDecimal.
func (b *Buf) ParseHex(i, j int) (uint64, error) {
	var tmp [maxDigits]byte
	p, err := b.digits(&tmp, i, j)
	if err != nil {
		return 0, err
	}
	return ParseHex(p)
}

func (b *Buf) digits(tmp *[maxDigits]byte, i, j int) ([]byte, error) {
	b.checkRange(i, j)
	if j-i > maxDigits {
		return nil, &ReadError{What: "number of digits", Err: ErrTooLarge, Value: uint64(j - i), Max: maxDigits}
	}
	return tmp[:b.CopyAt(tmp[:j-i], i)], nil
}
