package codec_test

import (
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/codec/codectest"
)

func TestFixed(t *testing.T) {
	f := codec.Fixed{Size: 3}.Framer()
	codectest.Verify(t, codectest.Frames(f), codectest.Case{Input: "onetwosix", Want: []string{"one", "two", "six"}, MaxCalls: 6})
	codectest.VerifyFramer(t, f, "abc", "\x00\x00\x00")
	codectest.VerifyRefuses(t, f, buffer.ErrMalformed, "", "ab", "abcd")
	mustPanic(t, "codec: Fixed: ", func() { codec.Fixed{}.Framer() })
	mustPanic(t, "codec: Fixed: ", func() { codec.Fixed{Size: -1}.Framer() })
}

func FuzzFixed(f *testing.F) {
	f.Add("onetwosix", uint8(3))
	f.Fuzz(func(t *testing.T, input string, size uint8) {
		n := int(size) + 1
		codectest.Compare(t, codectest.Frames(codec.Fixed{Size: n}.Framer()), func(p string) (string, int, error) {
			if len(p) < n {
				return "", 0, nil
			}
			return p[:n], n, nil
		}, input)
	})
}
