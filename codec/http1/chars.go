package http1

import (
	"encoding/binary"
	"math/bits"
)

// What a byte may be, by RFC 9110 section 5.6.2 and RFC 3986.
const (
	isToken  = 1 << iota // tchar: of methods, names of fields
	isTarget             // of a request target
	isHost               // of the host in an authority, if it is a name
	isHex
	isText // of the value of a field, and tabs and spaces around it
)

var chars = func() (t [256]uint8) {
	mark := func(what uint8, bytes string) {
		for i := range len(bytes) {
			t[bytes[i]] |= what
		}
	}
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	const digits = "0123456789"
	mark(isToken, letters+digits+"!#$%&'*+-.^_`|~")
	mark(isHost, letters+digits+"-._~!$&'()*+,;=%")
	mark(isHex, digits+"abcdefABCDEF")
	for c := '!'; c <= '~'; c++ { // browsers send some that RFC 3986 does not allow, such as | and ^
		t[c] |= isTarget
	}
	for c := range t {
		if c >= ' ' && c != 0x7f || c == '\t' {
			t[c] |= isText
		}
	}
	t['#'] &^= isTarget // a fragment is not sent (RFC 9110 section 7.1)
	return t
}()

// control returns the index of the first byte of p, from i on, that ends the plain text of a field's value: a control byte,
// which may be a tab. It returns len(p) if there is none.
func control(p []byte, i int) int {
	const (
		ones  = 0x0101010101010101
		highs = 0x8080808080808080
	)
	for ; i+8 <= len(p); i += 8 {
		w := binary.LittleEndian.Uint64(p[i:])
		low := (w - 0x20*ones) &^ w // high bit where a byte is below 0x20
		del := w ^ 0x7f*ones
		del = (del - ones) &^ del // high bit where a byte is 0x7f
		if hit := (low | del) & highs; hit != 0 {
			return i + bits.TrailingZeros64(hit)/8
		}
	}
	for ; i < len(p); i++ {
		if c := p[i]; c < 0x20 || c == 0x7f {
			return i
		}
	}
	return i
}

// equalFold tells whether p is the token s, which is in lower case, whatever the case of p. It is meant for tokens: of
// other bytes some pairs are taken for equal.
func equalFold(p []byte, s string) bool {
	if len(p) != len(s) {
		return false
	}
	for i := range len(s) {
		if p[i]|0x20 != s[i] {
			return false
		}
	}
	return true
}

// sameName tells whether two names of fields are the same, without case.
func sameName(p []byte, s string) bool {
	if len(p) != len(s) {
		return false
	}
	for i := range len(s) {
		a, b := p[i], s[i]
		if a != b && (a|0x20 != b|0x20 || a|0x20 < 'a' || a|0x20 > 'z') {
			return false
		}
	}
	return true
}

// trim cuts spaces and tabs off both ends.
func trim(p []byte) []byte {
	for len(p) > 0 && (p[0] == ' ' || p[0] == '\t') {
		p = p[1:]
	}
	for len(p) > 0 && (p[len(p)-1] == ' ' || p[len(p)-1] == '\t') {
		p = p[:len(p)-1]
	}
	return p
}

// nextToken cuts the first element off a comma-separated list (RFC 9110 section 5.6.1). It is empty for an empty element.
func nextToken(list []byte) (element, rest []byte) {
	for i, c := range list {
		if c == ',' {
			return trim(list[:i]), list[i+1 : len(list) : len(list)]
		}
	}
	return trim(list), nil
}
