package buffer

import (
	"io"
	"strconv"
	"strings"
)

// Dump returns all bytes for people to read: sixteen to a line, as offset, hexadecimal and ASCII. It is about five times
// as long as the bytes.
func (b *Buf) Dump() string {
	var s strings.Builder
	b.WriteDump(&s)
	return s.String()
}

// WriteDump writes what Dump returns, line by line, and returns the first error of w.
func (b *Buf) WriteDump(w io.Writer) error {
	var p [16]byte
	line := make([]byte, 0, 96)
	for at := 0; at < b.Len(); at += len(p) {
		n := b.CopyAt(p[:], at)
		line = appendDumpLine(line[:0], at, p[:n])
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return nil
}

func appendDumpLine(line []byte, at int, p []byte) []byte {
	const hex = "0123456789abcdef"
	for shift := 28; shift >= 0; shift -= 4 {
		line = append(line, hex[at>>shift&15])
	}
	for i := range 16 {
		if i%8 == 0 {
			line = append(line, ' ')
		}
		if i < len(p) {
			line = append(line, ' ', hex[p[i]>>4], hex[p[i]&15])
		} else {
			line = append(line, "   "...)
		}
	}
	line = append(line, "  |"...)
	for _, c := range p {
		if c < ' ' || c > '~' {
			c = '.'
		}
		line = append(line, c)
	}
	return append(line, '|', '\n')
}

func appendCount(s []byte, n int, what string) []byte {
	s = append(strconv.AppendInt(s, int64(n), 10), what...)
	if n != 1 {
		s = append(s, 's')
	}
	return s
}

func appendQuoted(s, p []byte) []byte { return strconv.AppendQuoteToASCII(s, string(p)) }
