package codec_test

import (
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/codec/codectest"
)

func TestDelimiter(t *testing.T) {
	verify := func(name string, f codec.Delimiter, input string, want ...string) {
		t.Helper()
		codectest.Verify(t, codectest.Frames(f.Framer()), codectest.Case{Name: name, Input: input, Want: want})
	}
	verify("zero byte", codec.Delimiter{}, "one\x00\x00two\x00", "one", "", "two")
	verify("sequence", codec.Delimiter{Seq: []byte("\r\n\r\n")}, "a\r\nb\r\n\r\n\r\n\r\n\r\r\n\r\n", "a\r\nb", "", "\r")
	verify("with itself inside", codec.Delimiter{Seq: []byte("aab")}, "aaaabaabxaab", "aa", "", "x")
	verify("kept", codec.Delimiter{Seq: []byte("--"), Keep: true}, "one----two--", "one--", "--", "two--")
	verify("largest", codec.Delimiter{Seq: []byte("--"), Max: 3}, "one--", "one")
}

func TestDelimiterRejects(t *testing.T) {
	rejects := func(f codec.Delimiter, c codectest.Reject) {
		t.Helper()
		codectest.VerifyRejects(t, codectest.Frames(f.Framer()), c)
	}
	rejects(codec.Delimiter{Max: 3}, codectest.Reject{Input: "abcdefgh", After: 4, Err: buffer.ErrTooLarge})
	two := codec.Delimiter{Seq: []byte("--"), Max: 3}
	rejects(two, codectest.Reject{Input: "abc--abcdefgh", Want: []string{"abc"}, After: 10, Err: buffer.ErrTooLarge})
	rejects(two, codectest.Reject{Input: "abcd--", After: 5, Err: buffer.ErrTooLarge})
}

func TestDelimiterWrap(t *testing.T) {
	long := strings.Repeat("long ", 60)
	codectest.VerifyFramer(t, codec.Delimiter{}.Framer(), "one", "", long)
	codectest.VerifyFramer(t, codec.Delimiter{Seq: []byte("\r\n\r\n")}.Framer(), "one", "", "\n", "a\r\nb", long)
	codectest.VerifyRefuses(t, codec.Delimiter{}.Framer(), buffer.ErrMalformed, "\x00", "a\x00b")
	// The end of these messages and the beginning of the delimiter are a delimiter.
	blank := codec.Delimiter{Seq: []byte("\r\n\r\n")}.Framer()
	codectest.VerifyRefuses(t, blank, buffer.ErrMalformed, "a\r\n\r\nb", "a\r\n", "\r\n")
	codectest.VerifyRefuses(t, codec.Delimiter{Seq: []byte("aaa")}.Framer(), buffer.ErrMalformed, "a", "xaa")
	codectest.VerifyRefuses(t, codec.Delimiter{Max: 3}.Framer(), buffer.ErrTooLarge, "abcd")

	kept := codec.Delimiter{Seq: []byte("--"), Keep: true, Max: 300}.Framer()
	codectest.VerifyFramer(t, kept, "one--", "--", "o-ne--", strings.Repeat("x", 300)+"--")
	codectest.VerifyRefuses(t, kept, buffer.ErrMalformed, "", "-", "one", "one---", "o--ne--", "----")
	codectest.VerifyRefuses(t, kept, buffer.ErrTooLarge, strings.Repeat("x", 301)+"--")

	mustPanic(t, "codec: Delimiter: ", func() { codec.Delimiter{Max: -1}.Framer() })
	mustPanic(t, "codec: Delimiter: ", func() { codec.Delimiter{Seq: make([]byte, 257)}.Framer() })
}

// What was written is read as it was, whatever the message and the delimiter.
func FuzzDelimiterWrap(f *testing.F) {
	f.Add("hello", "\r\n\r\n")
	f.Add("a\r\n", "\r\n\r\n")
	f.Add("aab", "abaab")
	f.Fuzz(func(t *testing.T, m, seq string) {
		if len(seq) > 256 || seq == "" {
			return
		}
		pool := new(buffer.Pool)
		framer := codec.Delimiter{Seq: []byte(seq)}.Framer()
		b := pool.Alloc(len(m))
		b.WriteString(m)
		err := framer.Wrap(b)
		if wrong := strings.Index(m+seq, seq) < len(m); wrong != (err != nil) {
			t.Errorf("message %q, delimiter %q: %v", m, seq, err)
		}
		b.Release()
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
}

func FuzzDelimiter(f *testing.F) {
	f.Add("one\r\n\r\ntwo\r\n\r\n\r\n", "\r\n\r\n", false)
	f.Add("aaaabaab", "aab", true)
	f.Fuzz(func(t *testing.T, input, seq string, keep bool) {
		if len(seq) > 256 || seq == "" {
			return
		}
		const limit = 10
		c := codec.Delimiter{Seq: []byte(seq), Max: limit, Keep: keep}
		codectest.Compare(t, codectest.Frames(c.Framer()), func(p string) (string, int, error) {
			i := strings.Index(p, seq)
			switch {
			case i > limit || i < 0 && len(p) >= limit+len(seq):
				return "", 0, buffer.ErrTooLarge
			case i < 0:
				return "", 0, nil
			case keep:
				return p[:i+len(seq)], i + len(seq), nil
			}
			return p[:i], i + len(seq), nil
		}, input)
	})
}
