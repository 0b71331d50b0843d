package buffertest

import (
	"math"

	"github.com/ropewalk/ropewalk/buffer"
)

// A fixed describes the methods for one kind of number with a fixed width. Values are bit patterns.
type fixed struct {
	name string
	n    int  // bytes
	le   bool // least significant first
	put  func(*buffer.Buf, uint64)
	set  func(*buffer.Buf, int, uint64)
	get  func(*buffer.Buf, int) uint64
	read func(*buffer.Reader) uint64
}

// encode writes v as the methods should.
func (f *fixed) encode(p []byte, v uint64) {
	for i := range f.n {
		shift := 8 * (f.n - 1 - i)
		if f.le {
			shift = 8 * i
		}
		p[i] = byte(v >> shift)
	}
}

// decode reads what encode writes.
func (f *fixed) decode(p []byte) (v uint64) {
	for i := range f.n {
		k := i
		if f.le {
			k = f.n - 1 - i
		}
		v = v<<8 | uint64(p[k])
	}
	return v
}

type number interface {
	uint8 | uint16 | uint32 | uint64 | int8 | int16 | int32 | int64
}

// integer makes a fixed of the methods for an integer type of n bytes.
func integer[T number](name string, n int, le bool, put func(*buffer.Buf, T), set func(*buffer.Buf, int, T),
	get func(*buffer.Buf, int) T, read func(*buffer.Reader) T) fixed {
	mask := uint64(math.MaxUint64) >> (64 - 8*n)
	return fixed{name, n, le,
		func(b *buffer.Buf, v uint64) { put(b, T(v)) },
		func(b *buffer.Buf, i int, v uint64) { set(b, i, T(v)) },
		func(b *buffer.Buf, i int) uint64 { return uint64(get(b, i)) & mask },
		func(r *buffer.Reader) uint64 { return uint64(read(r)) & mask },
	}
}

func float32s(name string, le bool, put func(*buffer.Buf, float32), set func(*buffer.Buf, int, float32),
	get func(*buffer.Buf, int) float32, read func(*buffer.Reader) float32) fixed {
	return fixed{name, 4, le,
		func(b *buffer.Buf, v uint64) { put(b, math.Float32frombits(uint32(v))) },
		func(b *buffer.Buf, i int, v uint64) { set(b, i, math.Float32frombits(uint32(v))) },
		func(b *buffer.Buf, i int) uint64 { return uint64(math.Float32bits(get(b, i))) },
		func(r *buffer.Reader) uint64 { return uint64(math.Float32bits(read(r))) },
	}
}

func float64s(name string, le bool, put func(*buffer.Buf, float64), set func(*buffer.Buf, int, float64),
	get func(*buffer.Buf, int) float64, read func(*buffer.Reader) float64) fixed {
	return fixed{name, 8, le,
		func(b *buffer.Buf, v uint64) { put(b, math.Float64frombits(v)) },
		func(b *buffer.Buf, i int, v uint64) { set(b, i, math.Float64frombits(v)) },
		func(b *buffer.Buf, i int) uint64 { return math.Float64bits(get(b, i)) },
		func(r *buffer.Reader) uint64 { return math.Float64bits(read(r)) },
	}
}
