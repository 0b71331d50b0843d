package websocket

import (
	"unicode/utf8"

	"github.com/ropewalk/ropewalk/buffer"
)

// A utf8State is what may come next in a text that comes in pieces: 0 between two characters, else which bytes continue the
// character that was cut (RFC 3629 section 4).
type utf8State uint8

const (
	one     utf8State = iota + 1 // one more byte, 80 to BF
	two                          // two more
	three                        // three more
	afterE0                      // two more, the first from A0 on: else it would fit two bytes
	afterED                      // two more, the first up to 9F: else it would be a surrogate
	afterF0                      // three more, the first from 90 on: else it would fit three bytes
	afterF4                      // three more, the first up to 8F: else it would be above U+10FFFF
	broken
)

// step returns the state behind one more byte.
func (u utf8State) step(c byte) utf8State {
	if u == 0 {
		return lead(c)
	}
	lo, hi, next := byte(0x80), byte(0xbf), u-1
	switch u {
	case afterE0:
		lo, next = 0xa0, one
	case afterED:
		hi, next = 0x9f, one
	case afterF0:
		lo, next = 0x90, two
	case afterF4:
		hi, next = 0x8f, two
	}
	if c < lo || c > hi {
		return broken
	}
	return next
}

// lead returns the state behind the first byte of a character.
func lead(c byte) utf8State {
	switch {
	case c < 0x80:
		return 0
	case c < 0xc2:
		return broken
	case c < 0xe0:
		return one
	case c == 0xe0:
		return afterE0
	case c == 0xed:
		return afterED
	case c < 0xf0:
		return two
	case c == 0xf0:
		return afterF0
	case c < 0xf4:
		return three
	case c == 0xf4:
		return afterF4
	}
	return broken
}

// check goes on with the bytes of b, and tells whether the text can still be valid. It ends when u is 0.
func (u *utf8State) check(b *buffer.Buf) bool {
	for p := range b.Chunks() {
		if !u.bytes(p) {
			return false
		}
	}
	return true
}

func (u *utf8State) bytes(p []byte) bool {
	for *u != 0 && len(p) > 0 {
		if *u = u.step(p[0]); *u == broken {
			return false
		}
		p = p[1:]
	}
	whole := len(p) - cutOff(p)
	if !utf8.Valid(p[:whole]) {
		return false
	}
	for _, c := range p[whole:] {
		if *u = u.step(c); *u == broken {
			return false
		}
	}
	return true
}

// cutOff returns how many bytes at the end of p belong to a character that goes on behind it.
func cutOff(p []byte) int {
	for n := 1; n <= min(3, len(p)); n++ {
		c := p[len(p)-n]
		switch {
		case c < 0x80:
			return 0
		case c < 0xc0: // in the middle of a character
			continue
		case c >= 0xf0 || c >= 0xe0 && n < 3 || n < 2:
			return n
		}
		return 0
	}
	return 0
}

// valid tells whether b is UTF-8 as a whole.
func valid(b *buffer.Buf) bool {
	if b.Segments() <= 1 {
		return utf8.Valid(b.First())
	}
	var u utf8State
	return u.check(b) && u == 0
}
