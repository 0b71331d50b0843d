package websocket

import (
	"math/bits"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec"
)

// frames goes through what r has.
func (s *conn) frames(r *buffer.Reader) error {
	ch := s.Channel()
	for r.More() {
		if s.left > 0 {
			if err := s.piece(r); err != nil {
				return err
			}
		} else {
			h, err := s.readHeader(r)
			if err != nil {
				return err
			}
			if r.Failed() || h.control() && int64(r.Len()) < h.n {
				r.Rollback() // it is read again when there is more: 139 bytes at most
				return nil
			}
			if err := s.frame(r, &h); err != nil {
				return err
			}
		}
		if ch.Halted() || s.state&closeRead != 0 {
			return nil
		}
	}
	return nil
}

// frame begins a frame.
func (s *conn) frame(r *buffer.Reader, h *header) error {
	if h.control() {
		return s.controlFrame(r, h)
	}
	if err := s.admit(h); err != nil {
		return err
	}
	if s.kind == 0 {
		if h.first&(finBit|rsv1Bit) == finBit && int64(r.Len()) >= h.n {
			return s.whole(r, h)
		}
		s.begin(h)
	}
	s.size += h.n
	s.left, s.key = h.n, h.key
	s.state &^= lastFrame
	if h.first&finBit != 0 {
		s.state |= lastFrame
	}
	return s.piece(r)
}

// admit checks the size of a frame, and of its message so far.
func (s *conn) admit(h *header) error {
	frame, message := s.set.maxFrame, s.set.maxMessage
	if s.state&compressed != 0 && s.kind != 0 || h.first&rsv1Bit != 0 {
		frame, message = inflatable(min(frame, s.set.maxInflate)), inflatable(s.set.maxInflate)
	}
	if h.n > frame {
		return &Error{MessageTooBig, "frame is too large"}
	}
	if h.n > message-s.size {
		return &Error{MessageTooBig, "message is too large"}
	}
	return nil
}

// inflatable returns how many compressed bytes may be worth n: what cannot be compressed becomes a little longer.
func inflatable(n int64) int64 {
	if m := n + n>>6 + 64; m > n {
		return m
	}
	return n
}

// whole passes on a message that is there as a whole, in one frame. It is where it was read, and its header is its headroom.
func (s *conn) whole(r *buffer.Reader, h *header) error {
	b := r.Take(int(h.n))
	r.Commit()
	if !s.set.client {
		b.Mask(h.key, 0)
	}
	kind := h.opcode()
	if kind == Text && !valid(b) {
		b.Release()
		return errNotUTF8
	}
	if s.state&closeSent != 0 {
		b.Release()
		r.Repay()
		return nil
	}
	if r.More() {
		s.state |= batching
	}
	err := s.Fire(Message{Kind: kind, Data: b})
	r.Repay() // only now: if the handler panics, the reader takes back what it had taken
	return err
}

// begin begins a message that comes in several pieces, or is compressed.
func (s *conn) begin(h *header) {
	s.kind, s.text = h.opcode(), 0
	s.began = s.now()
	s.state &^= compressed | begunFire
	if h.first&rsv1Bit != 0 {
		s.state |= compressed
	}
}

// piece takes what there is of the present frame.
func (s *conn) piece(r *buffer.Reader) error {
	n := min(int64(r.Len()), s.left)
	b := r.Take(int(n))
	r.Commit()
	r.Repay() // from here on it is not the reader's business
	s.left -= n
	if !s.set.client {
		b.Mask(s.key, 0)
		s.key = rotate(s.key, int(n))
	}
	if s.kind == Text && s.state&compressed == 0 && !s.text.check(b) {
		b.Release()
		return errNotUTF8
	}
	last := s.left == 0 && s.state&lastFrame != 0
	if r.More() {
		s.state |= batching
	}
	if s.streamed() {
		return s.firePiece(b, last)
	}
	s.collect(b, last)
	if last {
		return s.complete()
	}
	return nil
}

// streamed tells whether the message that is coming is passed on as it comes.
func (s *conn) streamed() bool { return s.set.stream && s.state&compressed == 0 }

// rotate returns the key as it applies n bytes later.
func rotate(key [4]byte, n int) [4]byte {
	k := uint32(key[0])<<24 | uint32(key[1])<<16 | uint32(key[2])<<8 | uint32(key[3])
	k = bits.RotateLeft32(k, 8*(n&3))
	return [4]byte{byte(k >> 24), byte(k >> 16), byte(k >> 8), byte(k)}
}

// firePiece passes on a piece of a message that is streamed.
func (s *conn) firePiece(b *buffer.Buf, last bool) error {
	m := Message{Kind: s.kind, More: !last, Continued: s.state&begunFire != 0, Data: b}
	if last {
		s.kind, s.size = 0, 0
		if s.text != 0 && m.Kind == Text {
			b.Release()
			return errNotUTF8
		}
	}
	if b.Len() == 0 && !last || s.state&closeSent != 0 {
		b.Release()
		return nil
	}
	s.state |= begunFire
	return s.fire(m)
}

// smallFrame is up to which size a frame that comes in pieces gets a block of its size when its first piece has come. Larger
// ones get it piece by piece, so that nobody can make us hold memory by announcing something.
const smallFrame = 4 << 10

// collect adds a piece to the message that is coming.
func (s *conn) collect(b *buffer.Buf, last bool) {
	switch {
	case s.state&closeSent != 0 || b.Len() == 0 && s.data != nil:
		b.Release()
	case s.data != nil:
		codec.AddRest(s.data, b)
	case !last && s.left > 0 && b.Len()+int(min(s.left, smallFrame)) <= smallFrame:
		s.data = s.roomy(b, b.Len()+int(s.left))
	default:
		if s.data = b; !last {
			codec.KeepRest(s.Channel().Cache(), b)
		}
	}
}

// roomy returns b in a block with room for n bytes, if there is memory for one.
func (s *conn) roomy(b *buffer.Buf, n int) *buffer.Buf {
	o, err := s.Channel().Cache().TryAlloc(n)
	if err != nil {
		return b
	}
	b.CopyAt(o.Tail(n), 0)
	o.Commit(b.Len())
	b.Release()
	return o
}

// complete passes on the message that was collected.
func (s *conn) complete() error {
	b, kind, cut := s.data, s.kind, s.text != 0
	s.data, s.kind, s.size = nil, 0, 0
	if b == nil { // it came after we have sent a Close
		return nil
	}
	if s.state&compressed != 0 {
		var err error
		if b, err = s.inflate(b); err != nil {
			return err
		}
		cut = kind == Text && !valid(b)
	}
	if cut && kind == Text {
		b.Release()
		return errNotUTF8
	}
	return s.fire(Message{Kind: kind, Data: b})
}

// fire passes on a message that is not the reader's. If the handler panics, it is released as the input would be.
func (s *conn) fire(m Message) error {
	ch := s.Channel()
	ch.Hold(m.Data)
	err := s.Fire(m)
	ch.Keep()
	return err
}
