package buffer_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
)

// seeds are inputs that are long enough to get somewhere.
func seeds(f *testing.F, add func(p []byte)) {
	f.Helper()
	add(nil)
	add([]byte("0"))
	for i := range uint64(12) {
		rng := rand.NewChaCha8([32]byte{byte(i)})
		p := make([]byte, 100<<(i%5))
		rng.Read(p)
		add(p)
	}
}

// FuzzBuf makes the moves that the input encodes, with models of all that lives.
func FuzzBuf(f *testing.F) {
	seeds(f, func(p []byte) { f.Add(p) })
	f.Fuzz(func(t *testing.T, moves []byte) {
		buffertest.Play(t, new(buffer.Pool), moves)
	})
}

// FuzzReader reads data, cut at random, in the ways that the input encodes.
func FuzzReader(f *testing.F) {
	seeds(f, func(p []byte) {
		f.Add([]byte("\x00\x05hello\r\nGET / HTTP/1.1\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), p)
		f.Add(bytes.Repeat([]byte("0123456789\n"), len(p)/8), p)
	})
	f.Fuzz(func(t *testing.T, data, moves []byte) {
		buffertest.PlayReader(t, new(buffer.Pool), data, moves)
	})
}

// FuzzParse compares numbers as text with what they are printed as.
func FuzzParse(f *testing.F) {
	f.Add([]byte("-123"))
	f.Add([]byte("18446744073709551615"))
	f.Add([]byte("ffffffffffffffff0"))
	f.Fuzz(func(t *testing.T, text []byte) {
		pool := buffertest.Pool(t)
		b := pool.Alloc(0)
		defer b.Release()
		trimmed := bytes.TrimLeft(text, "0")
		if v, err := buffer.ParseUdecimal(text); err == nil {
			if b.PutUdecimal(v); !b.EqualBytes(trimmed) && v != 0 {
				t.Errorf("%q is %d", text, v)
			}
			b.Truncate(0)
		}
		if v, err := buffer.ParseDecimal(text); err == nil && v < 0 && text[1] != '0' {
			if b.PutDecimal(v); !b.EqualBytes(text) {
				t.Errorf("%q is %d", text, v)
			}
			b.Truncate(0)
		}
		if v, err := buffer.ParseHex(text); err == nil {
			if b.PutHex(v); !b.EqualBytes(bytes.ToLower(trimmed)) && v != 0 {
				t.Errorf("%q is %#x", text, v)
			}
		}
	})
}
