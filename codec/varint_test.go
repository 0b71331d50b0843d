package codec_test

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/codec/codectest"
)

func TestVarint(t *testing.T) {
	x300 := strings.Repeat("x", 300)
	codectest.Verify(t, codectest.Frames(codec.Varint{}.Framer()),
		codectest.Case{Name: "1 byte", Input: "\x02hi\x00\x01!", Want: []string{"hi", "", "!"}, MaxCalls: 5},
		codectest.Case{Name: "2 bytes", Input: "\xac\x02" + x300, Want: []string{x300}, MaxCalls: 3},
		codectest.Case{Name: "longer than needed", Input: "\x82\x80\x80\x80\x00hi\x80\x00", Want: []string{"hi", ""}},
	)
	codectest.VerifyRejects(t, codectest.Frames(codec.Varint{}.Framer()),
		codectest.Reject{Name: "too large", Input: "\x02hi\x81\x80\x40x", Want: []string{"hi"}, After: 6, Err: buffer.ErrTooLarge},
		codectest.Reject{Name: "6 bytes", Input: "\x80\x80\x80\x80\x80\x00", After: 5, Err: buffer.ErrMalformed},
		codectest.Reject{Name: "33 bits", Input: "\x80\x80\x80\x80\x10x", After: 5, Err: buffer.ErrMalformed},
		codectest.Reject{Name: "32 bits", Input: "\xff\xff\xff\xff\x0fx", After: 5, Err: buffer.ErrTooLarge},
	)
	codectest.VerifyRejects(t, codectest.Frames(codec.Varint{Max: 1}.Framer()),
		codectest.Reject{Input: "\x01a\x02", Want: []string{"a"}, Err: buffer.ErrTooLarge})
}

func TestVarintWrap(t *testing.T) {
	codectest.VerifyFramer(t, codec.Varint{}.Framer(), "", "hello", strings.Repeat("x", 127), strings.Repeat("y", 128))
	codectest.VerifyRefuses(t, codec.Varint{Max: 3}.Framer(), buffer.ErrTooLarge, "abcd")
	mustPanic(t, "codec: Varint: ", func() { codec.Varint{Max: -1}.Framer() })
	most := math.MaxInt32
	mustPanic(t, "codec: Varint: ", func() { codec.Varint{Max: most + 1}.Framer() })
}

func FuzzVarint(f *testing.F) {
	f.Add("\x02hi\x00\x82\x80\x00hi")
	f.Add("\xff\xff\xff\xff\x0f")
	f.Fuzz(func(t *testing.T, input string) {
		codectest.Compare(t, codectest.Frames(codec.Varint{Max: 200}.Framer()), func(p string) (string, int, error) {
			v, n := binary.Uvarint([]byte(p[:min(len(p), 5)]))
			switch {
			case n == 0 && len(p) >= 5, v > math.MaxUint32:
				return "", 0, buffer.ErrMalformed
			case n == 0:
				return "", 0, nil
			case v > 200:
				return "", 0, buffer.ErrTooLarge
			case len(p) < n+int(v):
				return "", 0, nil
			}
			return p[n : n+int(v)], n + int(v), nil
		}, input)
	})
}
