package http1

import (
	"strings"
	"testing"
)

// A head that arrives byte by byte is not parsed for every byte of a long name or value: its bytes, at most 32 KiB, would be
// looked at 32 thousand times.
func TestHeadByteByByte(t *testing.T) {
	const long = 10_000
	for name, c := range map[string]struct {
		head string
		most int // parses
	}{
		"value":  {"GET / HTTP/1.1\r\nA: " + strings.Repeat("v", long) + "\r\n\r\n", 30},
		"tabs":   {"GET / HTTP/1.1\r\nA: v" + strings.Repeat("\t", long) + "v\r\n\r\n", 30},
		"spaces": {"GET / HTTP/1.1\r\nA:" + strings.Repeat(" ", long) + "\r\n\r\n", 30},
		"name":   {"GET / HTTP/1.1\r\n" + strings.Repeat("n", long) + ": v\r\n\r\n", 30},
		"names":  {"GET / HTTP/1.1\r\n" + strings.Repeat(strings.Repeat("n", 100)+":\r\n", long/100) + "\r\n", 30 + 4*long/100},
	} {
		var in input
		var r Request
		limits := Limits{}.prepare()
		parses, n := 0, 0
		for i := range len(c.head) {
			p := []byte(c.head[:i+1])
			if !in.worth(p, limits.Head) {
				continue
			}
			parses++
			var err *Error
			if n, err = parseRequest(&r, p, &limits); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			in.scanned, in.inside = uint32(len(p)), r.Header.inside
		}
		if n != len(c.head) || parses > c.most {
			t.Errorf("%s: parsed %d times, %d bytes of %d in the end", name, parses, n, len(c.head))
		}
	}
}
