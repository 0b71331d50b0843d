package codec_test

import (
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/codec/codectest"
)

func TestLine(t *testing.T) {
	verify := func(name string, f codec.Line, input string, want ...string) {
		t.Helper()
		codectest.Verify(t, codectest.Frames(f.Framer()), codectest.Case{Name: name, Input: input, Want: want})
	}
	verify("either end", codec.Line{}, "one\r\ntwo\n\n\r\nthree\n", "one", "two", "", "", "three")
	verify("CR elsewhere", codec.Line{}, "\rone\rtwo\r\r\n\r\r\n", "\rone\rtwo\r", "\r")
	verify("largest", codec.Line{Max: 3}, "one\nab\r\n", "one", "ab")
	verify("strict LF", codec.Line{Strict: true}, "one\r\ntwo\n\n\r\n", "one\r", "two", "", "\r")
	verify("strict CRLF", codec.Line{CRLF: true, Strict: true}, "one\r\n\r\ntwo\r\n", "one", "", "two")
	verify("long", codec.Line{}, strings.Repeat("0123456789", 100)+"\n", strings.Repeat("0123456789", 100))
}

func TestLineRejects(t *testing.T) {
	rejects := func(f codec.Line, c codectest.Reject) {
		t.Helper()
		codectest.VerifyRejects(t, codectest.Frames(f.Framer()), c)
	}
	rejects(codec.Line{Max: 3}, codectest.Reject{Name: "no end", Input: "abcdefgh", After: 4, Err: buffer.ErrTooLarge})
	rejects(codec.Line{Max: 3}, codectest.Reject{Name: "end too late", Input: "abc\nabcd\n", Want: []string{"abc"}, After: 8, Err: buffer.ErrTooLarge})
	rejects(codec.Line{Max: 3}, codectest.Reject{Name: "CR counts", Input: "abc\r\n", After: 4, Err: buffer.ErrTooLarge})
	strict := codec.Line{CRLF: true, Strict: true}
	rejects(strict, codectest.Reject{Name: "bare LF", Input: "a\r\nb\nc", Want: []string{"a"}, After: 5, Err: buffer.ErrMalformed})
	rejects(strict, codectest.Reject{Name: "only LF", Input: "\nc", After: 1, Err: buffer.ErrMalformed})
	rejects(strict, codectest.Reject{Name: "bare CR", Input: "a\rb\r\nc", After: 5, Err: buffer.ErrMalformed})
	rejects(strict, codectest.Reject{Name: "two CR", Input: "a\r\r\nc", After: 4, Err: buffer.ErrMalformed})
}

func TestLineWrap(t *testing.T) {
	for _, f := range []codec.Line{{}, {CRLF: true}, {Strict: true}, {CRLF: true, Strict: true}, {Max: 300}} {
		codectest.VerifyFramer(t, f.Framer(), "", "hello", "with spaces", strings.Repeat("x", 280))
	}
	codectest.VerifyFramer(t, codec.Line{Strict: true}.Framer(), "\r", "a\rb", "a\r")
	for _, f := range []codec.Line{{}, {CRLF: true}, {CRLF: true, Strict: true}} {
		codectest.VerifyRefuses(t, f.Framer(), buffer.ErrMalformed, "\n", "a\nb", "a\r\nb", "a\r", "\rb")
	}
	codectest.VerifyRefuses(t, codec.Line{Strict: true}.Framer(), buffer.ErrMalformed, "a\n", "a\r\nb")
	codectest.VerifyRefuses(t, codec.Line{Max: 3}.Framer(), buffer.ErrTooLarge, "abcd")
	codectest.VerifyRefuses(t, codec.Line{Max: 3, CRLF: true}.Framer(), buffer.ErrTooLarge, "abc")
	mustPanic(t, "codec: Line: ", func() { codec.Line{Max: -1}.Framer() })
}

func FuzzLine(f *testing.F) {
	f.Add("one\r\ntwo\n", false, false)
	f.Add("one\r\ntwo\r\n\r\n", true, true)
	f.Add("a\rb\nc\r\r\n", false, true)
	f.Fuzz(func(t *testing.T, input string, crlf, strict bool) {
		c := codec.Line{Max: 20, CRLF: crlf, Strict: strict}
		codectest.Compare(t, codectest.Frames(c.Framer()), func(p string) (string, int, error) {
			m, _, found := strings.Cut(p, "\n")
			switch {
			case len(m) > 20:
				return "", 0, buffer.ErrTooLarge
			case !found:
				return "", 0, nil
			}
			n := len(m) + 1
			if strict && !crlf {
				return m, n, nil
			}
			m, cr := strings.CutSuffix(m, "\r")
			if strict && (!cr || strings.Contains(m, "\r")) {
				return "", 0, buffer.ErrMalformed
			}
			return m, n, nil
		}, input)
	})
}
