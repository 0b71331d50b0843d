package static

import (
	"bytes"
	"math"
)

// maxRanges is how many ranges a request may ask for. Of more it gets the whole file: whoever wants so many wants to
// make work (RFC 9110 section 14.2).
const maxRanges = 16

// A span is a range of a file.
type span struct{ off, n int64 }

// asked is what a Range field asks for.
type asked uint8

const (
	askedAll     asked = iota // the field is to be ignored
	askedSpans                // at least one span of the file
	askedNothing              // no byte of the file, or nothing that can be understood: 416
)

// parseRange reads the value of a Range field about a file of size bytes, and appends the spans to dst (RFC 9110 section
// 14.1.2):
//
//	bytes=0-99      the first 100 bytes     bytes=100-     all from byte 100 on
//	bytes=-100      the last 100 bytes      bytes=0-0,-1   the first byte and the last one
//
// Spans that lie behind the end are left out, those that reach beyond it are cut. A unit other than bytes is to be
// ignored (section 14.2). So are, by choice, more than maxRanges ranges, ranges that overlap so far that the answer would be
// longer than the file, and every range of an empty file, since some clients ask for "bytes=0-" always.
func parseRange(dst []span, value []byte, size int64) ([]span, asked) {
	const unit = "bytes="
	eq := bytes.IndexByte(value, '=')
	if eq != len(unit)-1 || !equalFold(value[:eq+1], unit) {
		if eq > 0 && isToken(value[:eq]) {
			return dst, askedAll
		}
		return dst, askedNothing
	}
	left := size // of the file, if nothing is sent twice
	count, base := 0, len(dst)
	for set := value[eq+1:]; ; {
		one, rest, more := bytes.Cut(set, []byte{','})
		if one = trim(one); len(one) > 0 {
			s, ok := parseSpan(one, size)
			if !ok {
				return dst[:base], askedNothing
			}
			if count++; count > maxRanges {
				return dst[:base], askedAll
			}
			if s.n > 0 {
				dst = append(dst, s)
				left = max(left-s.n, -1)
			}
		}
		if !more {
			break
		}
		set = rest
	}
	switch {
	case count == 0:
		return dst[:base], askedNothing
	case size == 0 || left < 0:
		return dst[:base], askedAll
	case len(dst) == base:
		return dst[:base], askedNothing
	}
	return dst, askedSpans
}

// parseSpan reads "first-last", "first-" or "-length". A span of no bytes is one behind the end of the file.
func parseSpan(p []byte, size int64) (s span, ok bool) {
	from, to, ok := bytes.Cut(p, []byte{'-'})
	if !ok || len(from) == 0 && len(to) == 0 {
		return span{}, false
	}
	first, okFrom := parseOffset(from)
	last, okTo := parseOffset(to)
	switch {
	case !okFrom || !okTo:
		return span{}, false
	case len(from) == 0:
		n := min(last, size)
		return span{size - n, n}, true
	case len(to) == 0:
		last = math.MaxInt64
	case last < first:
		return span{}, false
	}
	if first >= size {
		return span{}, true
	}
	return span{first, min(last, size-1) - first + 1}, true
}

// parseOffset reads a decimal number. One that is too large for any file is as good as the largest; none is 0.
func parseOffset(p []byte) (n int64, ok bool) {
	for _, c := range p {
		if c < '0' || c > '9' {
			return 0, false
		}
		d := int64(c - '0')
		if n > (math.MaxInt64-d)/10 {
			n = math.MaxInt64
			continue
		}
		n = n*10 + d
	}
	return n, true
}
