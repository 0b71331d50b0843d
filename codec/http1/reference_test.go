package http1_test

import (
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The grammar of RFC 9112 section 7.1, as it stands there.
const (
	refToken  = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
	refQuoted = `"(?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[^\x00-\x08\x0a-\x1f\x7f])*"`
)

var (
	refSize  = regexp.MustCompile("^([0-9A-Fa-f]+)(?:[ \t]*;[ \t]*" + refToken + "(?:[ \t]*=[ \t]*(?:" + refToken + "|" + refQuoted + "))?)*$")
	refField = regexp.MustCompile("^(" + refToken + "):[ \t]*((?:[^\\x00-\\x08\\x0a-\\x20\\x7f](?:[^\\x00-\\x08\\x0a-\\x1f\\x7f]*[^\\x00-\\x20\\x7f])?)?)[ \t]*$")
)

// latin makes a rune of every byte, so that expressions see bytes.
func latin(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteRune(rune(s[i]))
	}
	return b.String()
}

func unlatin(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteByte(byte(r))
	}
	return b.String()
}

// refLine cuts a line off. A CR or LF that is not part of a line end makes it bad.
func refLine(p string) (line, rest string, err error) {
	i := strings.Index(p, "\r\n")
	end := i
	if i < 0 {
		end = len(strings.TrimSuffix(p, "\r"))
	}
	if strings.ContainsAny(p[:end], "\r\n") {
		return "", "", errBadChunk
	}
	if i < 0 {
		return "", "", io.ErrUnexpectedEOF
	}
	return p[:i], p[i+2:], nil
}

// refChunked reads a chunked body from the front of p and shows it as the witness does. The error is errBadChunk, or
// io.ErrUnexpectedEOF if it is not whole.
func refChunked(p string) (string, error) {
	body := ""
	for {
		line, rest, err := refLine(p)
		if err != nil {
			return "", err
		}
		m := refSize.FindStringSubmatch(latin(line))
		if m == nil {
			return "", errBadChunk
		}
		n, err := strconv.ParseUint(strings.TrimLeft(m[1], "0")+"", 16, 64)
		if strings.Trim(m[1], "0") == "" {
			n, err = 0, nil
		}
		if err != nil || n > 1<<20 {
			return "", errBadChunk
		}
		if p = rest; n == 0 {
			break
		}
		if uint64(len(p)) < n {
			return "", io.ErrUnexpectedEOF
		}
		body += p[:n]
		p = p[n:]
		switch {
		case !strings.HasPrefix("\r\n", p[:min(2, len(p))]):
			return "", errBadChunk
		case len(p) < 2:
			return "", io.ErrUnexpectedEOF
		}
		p = p[2:]
	}
	var trailer []string
	for {
		line, rest, err := refLine(p)
		if err != nil {
			return "", err
		}
		if p = rest; line == "" {
			break
		}
		m := refField.FindStringSubmatch(latin(line))
		if m == nil {
			return "", errBadChunk
		}
		switch name := strings.ToLower(m[1]); name {
		case "content-length", "transfer-encoding", "host", "connection", "expect":
			return "", errBadChunk
		default:
			trailer = append(trailer, showField([]byte(name), []byte(unlatin(m[2]))))
		}
	}
	s := chunky(body)
	if len(trailer) > 0 {
		s += " {" + strings.Join(trailer, " ") + "}"
	}
	return s, nil
}

// The reference itself is tested with what the tables say.
func TestReference(t *testing.T) {
	for in, want := range map[string]string{
		"0\r\n\r\n": chunky(""),
		"5;a=\"b\\\"\"\r\nhello\r\n0\r\nA: \xff\r\n\r\n": chunky("hello") + ` {a="\xff"}`,
	} {
		if got, err := refChunked(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"5 \r\n", "\r\n", "5;\r\n", "x", "0\r\nHost: h\r\n\r\n", "0\r\nA : b\r\n\r\n", "5\r\nhelloX", "0\n"} {
		if got, err := refChunked(in); err == nil {
			t.Errorf("%q: %q", in, got)
		}
	}
	if _, err := refChunked("5\r\nhell"); err != io.ErrUnexpectedEOF {
		t.Error(err)
	}
}
