package websocket

import (
	"errors"
	"unicode/utf8"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// controlFrame takes a control frame, which is there as a whole.
func (s *conn) controlFrame(r *buffer.Reader, h *header) error {
	b := r.Take(int(h.n))
	r.Commit()
	if !s.set.client {
		b.Mask(h.key, 0)
	}
	if r.More() {
		s.state |= batching
	}
	var err error
	switch h.opcode() {
	case Ping:
		err = s.pingFrame(b)
	case Close:
		err = s.closeFrame(b)
	default:
		err = s.deliver(Pong, b)
	}
	r.Repay()
	return err
}

// deliver passes on a control message if the application wants to see those.
func (s *conn) deliver(kind Kind, b *buffer.Buf) error {
	if !s.set.control || s.state&closeSent != 0 && kind != Close {
		b.Release()
		return nil
	}
	return s.Fire(Message{Kind: kind, Data: b})
}

// pingFrame answers a Ping.
func (s *conn) pingFrame(b *buffer.Buf) error {
	if s.state&closeSent != 0 {
		b.Release()
		return nil
	}
	if !s.set.control {
		return s.pong(b)
	}
	if err := s.pong(b.Copy()); err != nil {
		b.Release()
		return err
	}
	return s.deliver(Ping, b)
}

// pong writes the answer to a Ping. A peer that asks and takes no answers gets one to its latest Ping, as section 5.5.3 of RFC
// 6455 permits: only a channel that reads on while its output waits comes here in that state.
func (s *conn) pong(b *buffer.Buf) error {
	if s.Channel().Writable() {
		return s.writeFrame(finBit|byte(Pong), b)
	}
	x := s.extras()
	if x.pong != nil {
		x.pong.Release()
	}
	b.Own()
	x.pong = b
	return nil
}

// closeFrame answers a Close, RFC 6455 section 5.5.1, and ends the connection.
func (s *conn) closeFrame(b *buffer.Buf) error {
	code, reason, err := parseClose(b)
	if err != nil {
		b.Release()
		return err
	}
	s.state |= closeRead
	s.dropData()
	if s.state&closeSent == 0 {
		if !code.usual() {
			s.extras().cause = &CloseError{code, reason}
		}
		if err := s.writeClose(code, ""); err != nil {
			b.Release()
			return err
		}
	}
	if err := s.deliver(Close, b); err != nil {
		return err
	}
	if s.set.client {
		s.startCloseTimer() // the server ends the connection, section 7.1.1
		return nil
	}
	s.Channel().Close(s.closeCause())
	return nil
}

// closeCause returns what Closed is told when both sides have said that they close.
func (s *conn) closeCause() error {
	if s.extra == nil {
		return nil
	}
	return s.extra.cause
}

// parseClose reads the payload of a Close, RFC 6455 section 5.5.1 and 7.4.
//
//bufvet:borrow b
func parseClose(b *buffer.Buf) (Code, string, error) {
	switch b.Len() {
	case 0:
		return NoStatus, "", nil
	case 1:
		return 0, "", violation("Close with half a code")
	}
	code := Code(b.Uint16(0))
	if !code.sendable() {
		return 0, "", violationf("Close with code %d, which must not be sent", code)
	}
	reason := b.Text(2, b.Len())
	if !utf8.ValidString(reason) {
		return 0, "", &Error{InvalidPayload, "reason of a Close is not UTF-8"}
	}
	return code, reason, nil
}

// writeClose writes a Close, after which nothing else is written.
func (s *conn) writeClose(code Code, reason string) error {
	s.closing()
	reason = clip(reason, MaxControl-2)
	b := s.Alloc(2 + len(reason))
	if code != NoStatus {
		b.PutUint16(uint16(code))
		b.PutString(reason)
	}
	return s.writeFrame(finBit|byte(Close), b)
}

// Drain begins the close handshake because the server stops.
func (s *conn) Drain() bool {
	ch := s.Channel()
	switch {
	case ch.Closing():
		return false
	case s.state&closeSent != 0: // it has begun already
		return true
	}
	s.extras().cause = channel.ErrShutdown
	if err := s.writeClose(GoingAway, ""); err != nil {
		return false
	}
	s.startCloseTimer()
	return true
}

// closing notes that a Close is written. What is coming will not be delivered, and no group can send anything.
func (s *conn) closing() {
	s.state |= closeSent
	s.leaveGroups()
	if b := s.data; b != nil {
		s.data = nil
		b.Release()
	}
}

// clip cuts a text that is longer than n bytes, between two characters.
func clip(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// failed tells the peer why the connection ends, if it still can be told, and returns why.
func (s *conn) failed(err error) error {
	if s.state&closeSent != 0 || s.Channel().Closing() {
		return err
	}
	code, what := InternalError, ""
	var why *Error
	if errors.As(err, &why) {
		code, what = why.Code, why.What
	}
	if !code.sendable() {
		code = InternalError
	}
	if cerr := s.writeClose(code, what); cerr != nil && !errors.Is(err, cerr) {
		return errors.Join(err, cerr)
	}
	return err
}
