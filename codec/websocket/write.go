package websocket

import (
	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// copied is up to which size a payload is copied behind its header, if that makes one piece of several: an entry of an iovec
// costs the kernel about as much.
const copied = 1 << 10

// Write writes a message, or a piece of one.
func (s *conn) Write(m Message) error {
	if m.prepared != nil {
		return s.writePrepared(m.prepared)
	}
	b := m.Data
	if b == nil {
		b = s.Alloc(0)
	}
	if err := s.checkWrite(&m, b); err != nil {
		b.Release()
		return err
	}
	first := byte(m.Kind)
	switch {
	case m.Kind >= Close:
		if m.Kind == Close {
			s.closing()
			s.startCloseTimer()
		}
	case m.More || m.Continued:
		if m.Continued {
			first = 0
		}
		s.state &^= sending
		if m.More {
			s.state |= sending
			return s.writeFrame(first, b)
		}
	case s.extra != nil && s.extra.deflate.on:
		var err error
		var smaller bool
		if b, smaller, err = s.deflated(b); err != nil {
			return err
		}
		if smaller {
			first |= rsv1Bit
		}
	}
	return s.writeFrame(finBit|first, b)
}

// checkWrite tells why a message cannot be written now.
//
//bufvet:borrow b
func (s *conn) checkWrite(m *Message, b *buffer.Buf) error {
	switch {
	case s.state&closeSent != 0 || s.Channel().Closing():
		return channel.ErrClosed
	case m.Kind == Text || m.Kind == Binary:
		if m.Continued != (s.state&sending != 0) {
			return ErrOrder
		}
		return nil
	case m.Kind < Close || m.Kind > Pong, m.More, m.Continued, b.Len() > MaxControl:
		return ErrMessage
	case m.Kind == Close:
		if _, _, err := parseClose(b); err != nil {
			return ErrMessage
		}
	}
	return nil
}

// writeFrame writes a frame. first is FIN, RSV1 and the opcode; b is the payload.
func (s *conn) writeFrame(first byte, b *buffer.Buf) error {
	n := b.Len()
	if n <= copied && (s.set.client || s.state&batching != 0) {
		return s.copyFrame(first, b)
	}
	if s.set.client {
		var err error
		if b, err = s.masked(first, b); err != nil {
			return err
		}
		return s.Context.Write(b)
	}
	done := false
	defer func() {
		if !done { // the pool is at its limit, and the header has no room
			b.Release()
		}
	}()
	putHeader(b.Prepend(headerSize(n)), first, n)
	done = true
	return s.Context.Write(b)
}

// copyFrame writes a short frame into the block for replies, where those of one burst lie side by side.
func (s *conn) copyFrame(first byte, b *buffer.Buf) error {
	defer b.Release()
	n := b.Len()
	c := s.Channel().Cache()
	p := c.ReplyRoom(maxHeader + n)
	at := putHeader(p, first, n)
	if s.set.client {
		key := perLoop.Of(s.Channel().Loop()).newKey()
		p[1] |= maskBit
		at += copy(p[at:], key[:])
		b.CopyAt(p[at:at+n], 0)
		buffer.MaskBytes(p[at:at+n], key, 0)
	} else {
		b.CopyAt(p[at:at+n], 0)
	}
	if err := b.Err(); err != nil { // of a mapped file, and the copy has zeros
		return err
	}
	return s.Context.Write(c.Replied(at + n))
}

// masked returns a frame from a client with a copy of b, which it consumes: bytes that others may share must not be masked in
// place.
func (s *conn) masked(first byte, b *buffer.Buf) (*buffer.Buf, error) {
	defer b.Release()
	n := b.Len()
	o, err := s.Channel().Cache().TryAlloc(maxHeader + min(n, 64<<10))
	if err != nil {
		return nil, err
	}
	p := o.Tail(maxHeader)
	at := putHeader(p, first, n)
	p[1] |= maskBit
	key := perLoop.Of(s.Channel().Loop()).newKey()
	copy(p[at:], key[:])
	o.Commit(at + len(key))
	phase := 0
	for q := range b.Chunks() {
		for len(q) > 0 {
			p, err := o.TryTail(min(len(q), 64<<10))
			if err != nil {
				o.Release()
				return nil, err
			}
			m := copy(p, q)
			buffer.MaskBytes(p[:m], key, phase)
			o.Commit(m)
			phase, q = phase+m, q[m:]
		}
	}
	if err := b.Err(); err != nil { // of a mapped file, and the copy has zeros
		o.Release()
		return nil, err
	}
	return o, nil
}
