package websocket

import (
	"encoding/binary"

	"github.com/ropewalk/ropewalk/buffer"
)

// The header of a frame, RFC 6455 section 5.2:
//
//	 7   6   5   4   3 2 1 0   7    6 5 4 3 2 1 0
//	├FIN┼RSV1┼RSV2┼RSV3┼opcode┼MASK┼── length ───┼── 0, 2 or 8 bytes of length ──┼── 0 or 4 bytes of key ──┤
const (
	finBit  = 0x80
	rsv1Bit = 0x40 // of a message: it is compressed (RFC 7692 section 6)
	rsvBits = 0x70
	maskBit = 0x80

	length16 = 126 // a length of 2 bytes follows
	length64 = 127 // a length of 8 bytes follows

	maxHeader = 14
)

// A header is that of a frame.
type header struct {
	first byte // FIN, RSV and opcode
	n     int64
	key   [4]byte
}

func (h *header) opcode() Kind  { return Kind(h.first & 0x0f) }
func (h *header) control() bool { return h.first&0x08 != 0 }

// readHeader reads the header of a frame. The reader has failed with buffer.ErrShort when it is not all there; what is there is
// refused as early as possible.
func (s *conn) readHeader(r *buffer.Reader) (h header, err error) {
	w := r.Uint16()
	if r.Failed() {
		return h, nil
	}
	h.first = byte(w >> 8)
	if err := s.checkFirst(h.first); err != nil {
		return h, err
	}
	second := byte(w)
	if masked := second&maskBit != 0; masked == s.set.client {
		if masked {
			return h, violation("masked frame from a server") // section 5.1
		}
		return h, violation("frame from a client that is not masked")
	}
	h.n = int64(second &^ maskBit)
	if h.n > MaxControl {
		if h.control() {
			return h, violationf("%v frame of more than %d bytes", h.opcode(), MaxControl) // section 5.5
		}
		if err := h.readLength(r); err != nil {
			return h, err
		}
	}
	if second&maskBit != 0 {
		binary.BigEndian.PutUint32(h.key[:], r.Uint32())
	}
	return h, nil
}

// readLength reads a length of 2 or 8 bytes. Section 5.2: the minimal number of bytes must be used, and the most significant
// bit must be 0.
func (h *header) readLength(r *buffer.Reader) error {
	if h.n == length16 {
		h.n = int64(r.Uint16())
		if h.n < length16 && !r.Failed() {
			return violation("length in more bytes than it needs")
		}
		return nil
	}
	h.n = int64(r.Uint64())
	switch {
	case r.Failed():
	case h.n < 0:
		return violation("length of 64 bits")
	case h.n <= 0xffff:
		return violation("length in more bytes than it needs")
	}
	return nil
}

// checkFirst checks the first byte of a frame against what may come now.
func (s *conn) checkFirst(first byte) error {
	op := Kind(first & 0x0f)
	if rsv := first & rsvBits; rsv != 0 {
		// RFC 7692 section 6: RSV1 is only for the first frame of a message.
		if rsv != rsv1Bit || op != Text && op != Binary || s.extra == nil || !s.extra.deflate.on {
			return violationf("reserved bits %03b in a frame with opcode %d", rsv>>4, op)
		}
	}
	switch {
	case op >= Close && op <= Pong:
		if first&finBit == 0 {
			return violationf("fragmented %v frame", op) // section 5.5
		}
	case op > Binary:
		return violationf("reserved opcode %d", op) // section 5.2
	case op == 0 && s.kind == 0:
		return violation("continuation of no message") // section 5.4
	case op != 0 && s.kind != 0:
		return violation("message inside another one") // section 5.4
	}
	return nil
}

// headerSize returns the size of the header of a frame with n bytes, without a key.
func headerSize(n int) int {
	switch {
	case n < length16:
		return 2
	case n <= 0xffff:
		return 4
	}
	return 10
}

// putHeader writes the header of a frame with n bytes, without a key, to p, and returns its size.
func putHeader(p []byte, first byte, n int) int {
	p[0] = first
	switch {
	case n < length16:
		p[1] = byte(n)
		return 2
	case n <= 0xffff:
		p[1] = length16
		binary.BigEndian.PutUint16(p[2:], uint16(n))
		return 4
	}
	p[1] = length64
	binary.BigEndian.PutUint64(p[2:], uint64(n))
	return 10
}
