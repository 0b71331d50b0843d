package static

import (
	"fmt"
	"io"
	"strconv"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// byteRanges is a body of several parts of a file, each under a head of its own: multipart/byteranges, RFC 9110 section 14.6.
//
//	--boundary ⏎ fields ⏎⏎ part ⏎ --boundary ⏎ fields ⏎⏎ part ⏎ --boundary--
type byteRanges struct {
	cache    *buffer.Cache
	file     *channel.File
	size     int64
	kind     string
	boundary string
	spans    []span
	next     int // of spans
	body     bool
	read     func(*channel.File) *channel.Direct // for direct I/O, else nil
	part     *channel.Direct                     // being sent
}

// newByteRanges makes a body of a file, which it owns. The boundary is of two random numbers: who writes the file cannot know it,
// and so cannot have parts of his own in it.
func newByteRanges(c *buffer.Cache, file *channel.File, kind string, spans []span, one, two uint64) *byteRanges {
	return &byteRanges{cache: c, file: file, size: file.Size(), kind: kind, spans: append([]span(nil), spans...),
		boundary: fmt.Sprintf("%016x%016x", one, two)}
}

// head appends what stands in front of part i, or behind the last one.
func (m *byteRanges) head(p []byte, i int) []byte {
	if i > 0 {
		p = append(p, "\r\n"...)
	}
	p = append(append(p, "--"...), m.boundary...)
	if i == len(m.spans) {
		return append(p, "--\r\n"...)
	}
	p = append(append(p, "\r\nContent-Type: "...), m.kind...)
	p = append(p, "\r\nContent-Range: "...)
	return append(appendContentRange(p, m.spans[i], m.size), "\r\n\r\n"...)
}

// length returns the number of bytes of all parts and heads.
func (m *byteRanges) length() (n int64) {
	var room [256]byte
	for i, s := range m.spans {
		n += int64(len(m.head(room[:0], i))) + s.n
	}
	return n + int64(len(m.head(room[:0], len(m.spans))))
}

// Next implements http1.Source.
func (m *byteRanges) Next() (channel.Part, error) {
	if m.part != nil {
		p, err := m.part.Next()
		if err != io.EOF {
			return p, err
		}
		m.endPart()
	}
	switch {
	case m.next > len(m.spans):
		return nil, io.EOF
	case m.body:
		s := m.spans[m.next]
		m.next, m.body = m.next+1, false
		part := m.file.Slice(s.off, s.n)
		if m.read == nil {
			return part, nil
		}
		m.part = m.read(part)
		return m.part.Next() // which is not empty
	}
	b, err := m.cache.TryAlloc(256)
	if err != nil {
		return nil, err
	}
	var room [256]byte
	b.Write(m.head(room[:0], m.next))
	if m.next == len(m.spans) {
		m.next++
	} else {
		m.body = true
	}
	return b, nil
}

// Release implements http1.Source.
func (m *byteRanges) Release() {
	m.endPart()
	m.file.Release()
}

func (m *byteRanges) endPart() {
	if m.part != nil {
		m.part.Release()
		m.part = nil
	}
}

// appendContentRange appends the value of Content-Range for a part of a file, or for none of it.
func appendContentRange(p []byte, s span, size int64) []byte {
	p = append(p, "bytes "...)
	if s.n == 0 {
		p = append(p, '*')
	} else {
		p = append(strconv.AppendInt(p, s.off, 10), '-')
		p = strconv.AppendInt(p, s.off+s.n-1, 10)
	}
	return strconv.AppendInt(append(p, '/'), size, 10)
}
