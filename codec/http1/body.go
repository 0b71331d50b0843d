package http1

import (
	"bytes"
	"fmt"
	"math"

	"github.com/ropewalk/ropewalk/buffer"
)

// A bodyReader cuts the body of a message out of the input behind its head.
//
//	fixed ──────────────────────────────────────────► done
//	size ─► data ─► dataEnd ─► size ...  ─► trailer ─► done
//	rest (until the stream ends)
type bodyReader struct {
	left     int64 // of the body, or of the present chunk
	total    int64 // that were read
	overhead int32 // bytes of lines of chunks, beyond a fair share
	state    bodyState
}

type bodyState uint8

const (
	bodyDone bodyState = iota
	bodyFixed
	bodySize
	bodyData
	bodyDataEnd
	bodyTrailer
	bodyRest
)

// begin prepares for a body of a length.
func (b *bodyReader) begin(length int64) {
	*b = bodyReader{}
	switch {
	case length == chunked:
		b.state = bodySize
	case length == untilEnd:
		b.state = bodyRest
	case length > 0:
		b.state, b.left = bodyFixed, length
	}
}

// next takes the next piece of the body off rest. It returns nil, false, nil if there is none yet. The piece may be nil when
// the body has ended, which done tells. A rest that is used up stays as an empty one.
func (b *bodyReader) next(rest *buffer.Buf, trailer *Header, lim *Limits) (piece *buffer.Buf, done bool, err *Error) {
	for {
		switch b.state {
		case bodyFixed, bodyData, bodyRest:
			n := rest.Len()
			if b.state != bodyRest {
				n = int(min(int64(n), b.left))
			}
			if n == 0 {
				return nil, false, nil
			}
			piece = rest.Split(n)
			b.total += int64(n)
			if b.left -= int64(n); b.left == 0 && b.state == bodyFixed {
				b.state = bodyDone
			} else if b.left == 0 && b.state == bodyData {
				b.state = bodyDataEnd
			}
			if b.state == bodyDataEnd && rest.Len() > 0 {
				// Perhaps the end of the body is there too: then it is told with its last piece.
				if err := b.lines(rest, trailer, lim); err != nil {
					piece.Release()
					return nil, false, err
				}
			}
			if lim.Body >= 0 && b.total > lim.Body {
				piece.Release()
				return nil, false, refuse(413, fmt.Sprintf("body is larger than %d bytes", lim.Body))
			}
			return piece, b.state == bodyDone, nil
		case bodyDone:
			return nil, true, nil
		}
		before := b.state
		if err := b.lines(rest, trailer, lim); err != nil {
			return nil, false, err
		}
		if b.state == before {
			return nil, false, nil
		}
	}
}

// lines reads what is not data: the lines between chunks, and the trailer. It stops where data begins, or more is needed.
func (b *bodyReader) lines(rest *buffer.Buf, trailer *Header, lim *Limits) *Error {
	for {
		var n int
		var err *Error
		switch b.state {
		case bodySize:
			n, err = b.size(window(rest, maxChunkLine+1), lim)
		case bodyDataEnd:
			p := window(rest, 2)
			if n = lineEnd(p, 0); n < 0 {
				return refuse(400, "chunk is not followed by a line end")
			} else if n > 0 {
				b.state = bodySize
			}
		case bodyTrailer:
			n, err = b.trailer(window(rest, lim.Trailer+1), trailer, lim)
		default:
			return nil
		}
		if n <= 0 {
			return err
		}
		rest.Discard(n)
	}
}

// size reads the line in front of a chunk, RFC 9112 section 7.1: the size in hexadecimal, then perhaps extensions, which
// mean nothing to us.
func (b *bodyReader) size(p []byte, lim *Limits) (int, *Error) {
	i, n := 0, int64(0)
	for ; i < len(p) && chars[p[i]]&isHex != 0; i++ {
		if n > math.MaxInt64>>4 {
			return 0, refuse(400, "size of a chunk is too large")
		}
		n = n<<4 | int64(unhex(p[i]))
	}
	if i == len(p) && i <= maxChunkLine {
		return 0, nil
	}
	if i == 0 {
		return 0, refuse(400, unexpected(p[0], "the size of a chunk"))
	}
	end, ok := extensions(p, i)
	if !ok {
		return 0, refuse(400, unexpected(p[end], "the line of a chunk"))
	}
	next := lineEnd(p, end)
	switch {
	case next == 0 && len(p) > maxChunkLine:
		return 0, refuse(400, "line of a chunk is too long")
	case next <= 0:
		return 0, lineError(p, end, next, "the line of a chunk")
	case lim.Body >= 0 && n > lim.Body-b.total:
		return 0, refuse(413, fmt.Sprintf("body is larger than %d bytes", lim.Body))
	}
	if b.overhead = max(0, b.overhead+int32(next)-16-int32(min(2*n, 1<<20))); b.overhead > chunkOverhead {
		return 0, refuse(400, "chunks are small and their lines are long")
	}
	if b.left = n; n == 0 {
		b.state = bodyTrailer
	} else {
		b.state = bodyData
	}
	return next, nil
}

// extensions returns where the extensions of a chunk end that may begin at i, or where something stands that cannot be part
// of one: RFC 9112 section 7.1.1.
//
//	chunk-ext = *( BWS ";" BWS token [ BWS "=" BWS ( token / quoted-string ) ] )
func extensions(p []byte, i int) (end int, ok bool) {
	for {
		at := blanks(p, i)
		if at == len(p) || p[at] != ';' {
			return at, at == i || at == len(p) // blanks are allowed in front of a semicolon only
		}
		at = blanks(p, at+1)
		if i = token(p, at); i == at && i < len(p) {
			return i, false
		}
		if at = blanks(p, i); at == len(p) || p[at] != '=' {
			continue
		}
		at = blanks(p, at+1)
		if at < len(p) && p[at] == '"' {
			if i, ok = quotedString(p, at); !ok {
				return i, false
			}
		} else if i = token(p, at); i == at && i < len(p) {
			return i, false
		}
	}
}

func blanks(p []byte, i int) int {
	for i < len(p) && (p[i] == ' ' || p[i] == '\t') {
		i++
	}
	return i
}

func token(p []byte, i int) int {
	for i < len(p) && chars[p[i]]&isToken != 0 {
		i++
	}
	return i
}

// quotedString returns where the quoted string ends that begins at i, or the byte that cannot be part of one.
func quotedString(p []byte, i int) (end int, ok bool) {
	for i++; i < len(p); i++ {
		switch c := p[i]; {
		case c == '"':
			return i + 1, true
		case c == '\\' && i+1 < len(p):
			i++
			if c := p[i]; c < 0x20 && c != '\t' || c == 0x7f {
				return i, false
			}
		case c < 0x20 && c != '\t' || c == 0x7f:
			return i, false
		}
	}
	return i, true
}

// trailer reads the fields behind the last chunk, RFC 9112 section 7.1.2.
func (b *bodyReader) trailer(p []byte, h *Header, lim *Limits) (int, *Error) {
	n, err := h.parse(p, 0, lim.Fields, lim.Trailer)
	if n == 0 {
		return 0, err
	}
	if h.known&(knownHost|knownLength|knownCoding|knownConnection|knownExpect) != 0 {
		return 0, refuse(400, "field in the trailer that belongs in front") // RFC 9110 section 6.5.1
	}
	if h.text = h.text[:n:n]; len(h.fields) > 0 { // a rare thing: a copy of its own may stay as long as the message does
		h.text = bytes.Clone(h.text)
	} else {
		h.text = nil
	}
	h.own = true
	b.state = bodyDone
	return n, nil
}

// window returns up to n bytes from the front of rest as one slice.
func window(rest *buffer.Buf, n int) []byte {
	p := rest.First()
	if len(p) < n && len(p) < rest.Len() {
		straighten(rest, n)
		p = rest.First()
	}
	return p[:min(n, len(p))]
}

// straighten copies the first n bytes of rest into one piece.
func straighten(rest *buffer.Buf, n int) {
	front := rest.Split(min(n, rest.Len()))
	p := front.Bytes()
	if rest.Len() == 0 {
		rest.Append(front)
		return
	}
	copy(rest.Prepend(len(p)), p)
	front.Release()
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}
