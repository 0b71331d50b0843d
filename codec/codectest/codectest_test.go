package codectest_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unsafe"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/codec/codectest"
)

// recorder is a testing.TB that notes failures.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

// finds checks that f reports exactly one failure, with this text.
func finds(t *testing.T, text string, f func(testing.TB)) {
	t.Helper()
	r := &recorder{TB: t}
	f(r)
	if len(r.failures) != 1 || !strings.Contains(r.failures[0], text) {
		t.Errorf("%q is not the one failure among %q", text, r.failures)
	}
}

type fake func(*buffer.Reader) (*buffer.Buf, error)

func (f fake) Decode(r *buffer.Reader) (*buffer.Buf, error) { return f(r) }

func of(f fake) codectest.Subject[*buffer.Buf] {
	return codectest.Subject[*buffer.Buf]{New: func() codec.Decoder[*buffer.Buf] { return f }}
}

// good reads messages behind a length of one byte, which is less than 100.
func good(r *buffer.Reader) (*buffer.Buf, error) { return r.Take(r.Length8(99)), r.Err() }

var case1 = codectest.Case{Input: "\x02hi\x00\x03you", Want: []string{"hi", "", "you"}}

func TestVerifyFinds(t *testing.T) {
	codectest.Verify(t, of(good), case1)
	have, kept := 0, []byte(nil)
	for text, f := range map[string]fake{
		"message 1 is \"h\", not \"hi\"": func(r *buffer.Reader) (*buffer.Buf, error) {
			return r.Take(r.Length8(99) / 2), r.Err()
		},
		"in one read: the channel was closed": func(r *buffer.Reader) (*buffer.Buf, error) {
			return nil, io.EOF
		},
		"byte by byte: the channel was closed": func(r *buffer.Reader) (*buffer.Buf, error) {
			if n := r.Length8(99); r.Len() < n {
				return nil, errors.New("short")
			} else {
				return r.Take(n), r.Err()
			}
		},
		"byte by byte: message 1": func(r *buffer.Reader) (*buffer.Buf, error) {
			if have == 0 { // state of an attempt that fails
				have = r.Length8(99) + 1
			}
			m := r.Take(have - 1)
			if r.Err() == nil {
				have = 0
			}
			return m, r.Err()
		},
		"2 buffers were not released": func(r *buffer.Reader) (*buffer.Buf, error) {
			m := r.Take(r.Length8(99))
			if m != nil && m.Len() > 0 {
				m.Clone()
			}
			return m, r.Err()
		},
		"panic: runtime error": func(r *buffer.Reader) (*buffer.Buf, error) {
			n := r.Length8(99)
			_ = r.Peek(n)[:n] // it is nil when there is less
			return r.Take(n), r.Err()
		},
		"was complete with byte 3 and came with byte 4": func(r *buffer.Reader) (*buffer.Buf, error) {
			m := r.Take(r.Length8(99))
			if !r.AtEOF() && r.Err() == nil && m.Len() == 2 {
				r.Peek(1)
			}
			return m, r.Err()
		},
		"poison": func(r *buffer.Reader) (*buffer.Buf, error) {
			n := r.Length8(99)
			if p := r.Peek(n); n == 3 && p != nil {
				if *(*byte)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(p)), 3)) == 0xdb {
					panic("poison")
				}
			}
			return r.Take(n), r.Err()
		},
		"cut at": func(r *buffer.Reader) (*buffer.Buf, error) {
			p := r.Peek(1)
			if p == nil {
				return nil, r.Err()
			}
			if r.Len() == 6 && p[0] == 2 { // never, byte by byte or as a whole
				return nil, io.ErrNoProgress
			}
			return good(r)
		},
		"stream ended after": func(r *buffer.Reader) (*buffer.Buf, error) {
			n := r.Length8(99)
			if r.AtEOF() {
				n = min(n, r.Len())
			}
			return r.Take(n), r.Err()
		},
	} {
		finds(t, text, func(t testing.TB) { codectest.Verify(t, of(f), case1) })
	}
	_ = kept

	lazy := case1
	lazy.MaxCalls = 3
	finds(t, "Decode was called 5 times, more than 3", func(t testing.TB) { codectest.Verify(t, of(good), lazy) })

	wasteful := of(func(r *buffer.Reader) (*buffer.Buf, error) {
		kept = make([]byte, 100)
		return good(r)
	})
	codectest.Verify(t, wasteful, case1)
	wasteful.NoAlloc = true
	finds(t, "3 allocations", func(t testing.TB) { codectest.Verify(t, wasteful, case1) })
}

func TestVerifyRejectsFinds(t *testing.T) {
	c := codectest.Reject{Input: "\x02hi\x64xx", Want: []string{"hi"}, After: 4, Err: buffer.ErrTooLarge}
	codectest.VerifyRejects(t, of(good), c)
	finds(t, "not refused after 4 bytes", func(t testing.TB) {
		codectest.VerifyRejects(t, of(func(r *buffer.Reader) (*buffer.Buf, error) {
			n := int(r.Uint8())
			r.Have(min(n, 2))
			r.Length(uint64(n), 99)
			return r.Take(n), r.Err()
		}), c)
	})
	finds(t, "still open", func(t testing.TB) {
		codectest.VerifyRejects(t, of(func(r *buffer.Reader) (*buffer.Buf, error) { return r.Take(int(r.Uint8())), r.Err() }), c)
	})
	c.Err = buffer.ErrMalformed
	finds(t, "not buffer: malformed input", func(t testing.TB) { codectest.VerifyRejects(t, of(good), c) })
	c.Want = []string{"ho"}
	finds(t, "message 1 is \"hi\"", func(t testing.TB) { codectest.VerifyRejects(t, of(good), c) })
}

func TestCompareFinds(t *testing.T) {
	ref := func(p string) (string, int, error) {
		switch n := int(p[0]); {
		case n > 99:
			return "", 0, buffer.ErrTooLarge
		case len(p) <= n:
			return "", 0, nil
		default:
			return p[1 : 1+n], 1 + n, nil
		}
	}
	for _, input := range []string{"", "\x02hi\x00", "\x02h", "\x64hi"} {
		codectest.Compare(t, of(good), ref, input)
	}
	greedy := of(func(r *buffer.Reader) (*buffer.Buf, error) { return r.Take(r.Length8(9)), r.Err() })
	finds(t, "the channel was closed because of", func(t testing.TB) { codectest.Compare(t, greedy, ref, "\x0ahi") })
}
