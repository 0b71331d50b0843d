package codec

import (
	"fmt"

	"github.com/ropewalk/ropewalk/buffer"
)

// Line is the format of messages that end with a line feed, or a carriage return and a line feed.
//
//	├──── up to Max bytes ────┤
//	│     message     │ CR │ LF │      the CR may be missing
//
// The zero value cuts off one CR in front of the LF if there is one, and writes LF. A line of more than Max bytes
// is refused with buffer.ErrTooLarge as soon as Max+1 bytes without LF are there.
//
// Parties that disagree about where a line ends can be played off against each other: SMTP smuggling is an attack of that
// kind (RFC 5321 section 2.3.8 forbids bare CR and LF for this reason; RFC 9112 section 2.2 does for CR). Strict
// says that a line ends in one way only. In no mode can a message that is written contain a line break.
type Line struct {
	// Max is the largest number of bytes in front of the LF. Zero means DefaultMax.
	Max int
	// CRLF makes written lines end with CR LF.
	CRLF bool
	// Strict accepts only lines that end as written ones do. With CRLF, an LF without CR, and a CR without LF, are refused
	// with buffer.ErrMalformed. Without CRLF, CR is an ordinary byte of a message, read and written.
	Strict bool
}

// Framer returns the format, for Frames. One value serves any number of channels. It panics if Max is negative.
func (f Line) Framer() Framer {
	p := &line{max: maximum("Line", f.Max), crlf: f.CRLF, strict: f.Strict}
	if f.CRLF {
		p.end = "\r\n"
	} else {
		p.end = "\n"
	}
	return p
}

type line struct {
	max    int
	end    string
	crlf   bool
	strict bool
}

// Decode implements Decoder.
func (f *line) Decode(r *buffer.Reader) (*buffer.Buf, error) {
	b := r.TakeUntil('\n', f.max)
	if b == nil || f.strict && !f.crlf {
		return b, r.Err()
	}
	last := b.Len() - 1
	switch {
	case last >= 0 && b.At(last) == '\r':
		b.Truncate(last)
	case f.strict:
		r.Fail(&buffer.ReadError{What: "LF without CR", At: last + 1, Err: buffer.ErrMalformed})
	}
	if f.strict {
		if i := b.IndexByte('\r', 0); i >= 0 {
			r.Fail(&buffer.ReadError{What: "CR without LF", At: i, Err: buffer.ErrMalformed})
		}
	}
	return b, r.Err()
}

// Wrap implements Framer. It refuses messages that contain an LF, or, unless CR is an ordinary byte, a CR.
func (f *line) Wrap(m *buffer.Buf) error {
	if n := m.Len() + len(f.end) - 1; n > f.max {
		return tooLarge("Line", n, f.max)
	}
	i := m.IndexByte('\n', 0)
	if i < 0 && (f.crlf || !f.strict) {
		i = m.IndexByte('\r', 0)
	}
	if i >= 0 {
		return fmt.Errorf("codec: Line: a message with a line break at byte %d cannot be written: %w", i, buffer.ErrMalformed)
	}
	m.WriteString(f.end)
	return nil
}
