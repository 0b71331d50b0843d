package codec

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"

	"github.com/ropewalk/ropewalk/buffer"
)

// Varint is the format of messages behind a length of 1 to 5 bytes, as protobuf libraries write streams of them
// (writeDelimitedTo, Netty's ProtobufVarint32FrameDecoder).
//
//	├─ 1 to 5 ─┼── length ──┤
//	│  length  │  message   │
//
// The length has seven bits a byte, the lowest first; the top bit says that another byte follows
// (https://protobuf.dev/programming-guides/encoding/#varints). Written lengths are as short as they can be. When
// reading, a length may have more bytes than it needs, as some writers reserve its place before they know it; but
// one that goes on behind the fifth byte, or has more than 32 bits, is refused with buffer.ErrMalformed. A length above
// Max is refused with buffer.ErrTooLarge as soon as it is there.
type Varint struct {
	// Max is the largest number of bytes of a message, at most 2 GiB - 1. Zero means DefaultMax.
	Max int
}

// Framer returns the format, for Frames. One value serves any number of channels. It panics if Max makes no sense.
func (f Varint) Framer() Framer {
	p := varint(maximum("Varint", f.Max))
	if p > math.MaxInt32 {
		panic(fmt.Sprintf("codec: Varint: Max %d is more than a length of protobuf can say", f.Max))
	}
	return p
}

type varint int

// Decode implements Decoder.
func (f varint) Decode(r *buffer.Reader) (*buffer.Buf, error) {
	n := uint(r.Uint8())
	if n >= 0x80 {
		n = more(r, n&0x7f)
	}
	if n > uint(f) {
		r.Fail(&buffer.ReadError{What: "length", Err: buffer.ErrTooLarge, Value: uint64(n), Max: uint64(f)})
	}
	return r.Take(int(n)), r.Err()
}

// more reads the second to fifth byte of a length. They are read by value, so that they become the message's headroom.
func more(r *buffer.Reader, n uint) uint {
	for shift := 7; ; shift += 7 {
		c := uint(r.Uint8()) // 0 if there is none, which ends the loop
		if shift == 28 && c > 0x0f {
			r.Fail(&buffer.ReadError{What: "length of more than 32 bits", Err: buffer.ErrMalformed})
			return 0
		}
		n |= c & 0x7f << shift
		if c < 0x80 {
			return n
		}
	}
}

// Wrap implements Framer.
func (f varint) Wrap(m *buffer.Buf) error {
	n := m.Len()
	if n > int(f) {
		return tooLarge("Varint", n, int(f))
	}
	binary.PutUvarint(m.Prepend((bits.Len32(uint32(n)|1)+6)/7), uint64(n))
	return nil
}
