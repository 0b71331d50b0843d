package websocket

import (
	"sync"
	"sync/atomic"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// A Prepared is a message that is encoded once and sent to any number of clients: as a frame, whose bytes all of them share, and
// compressed for those that have agreed to that, once for each level and window, when the first of them is sent it. It
// is safe for concurrent use.
type Prepared struct {
	kind Kind
	n    int // bytes of the payload
	refs atomic.Int32

	mu     sync.Mutex // guards the frames: a Buf is not safe for concurrent use, not even for making clones
	frames []sharedFrame
}

// A class is what connections have in common that can be sent the same bytes. The zero class is of those without compression.
type class struct {
	level int
	bits  uint8
}

// A sharedFrame is a frame for a class.
type sharedFrame struct {
	class class
	b     *buffer.Buf
	plain bool // it is not compressed, be it because that does not pay
}

// Prepare returns a Prepared of a Text or Binary message, and owns data, also when it fails: with ErrMessage, because of
// another kind. The caller owns the Prepared.
func Prepare(kind Kind, data *buffer.Buf) (*Prepared, error) {
	if kind != Text && kind != Binary {
		data.Release()
		return nil, ErrMessage
	}
	p := &Prepared{kind: kind, n: data.Len()}
	p.refs.Store(1)
	data.Own() // members may keep it for a while
	putHeader(data.Prepend(headerSize(p.n)), finBit|byte(kind), p.n)
	p.frames = append(p.frames, sharedFrame{b: data, plain: true})
	return p, nil
}

// Message returns a message for Ctx.Write, which does not take the Prepared away from its owner. The message must not be used
// after Release.
func (p *Prepared) Message() Message { return Message{Kind: p.kind, prepared: p} }

// Release ends the ownership of the Prepared. What was written goes on its way, and Group.Broadcast calls that are under way
// go on.
func (p *Prepared) Release() {
	switch n := p.refs.Add(-1); {
	case n > 0:
		return
	case n < 0:
		panic("websocket: Release of a released Prepared")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.frames {
		f.b.Release()
	}
	p.frames = nil
}

// retain makes another owner.
func (p *Prepared) retain() {
	if p.refs.Add(1) <= 1 {
		panic("websocket: use of a released Prepared")
	}
}

// local returns the frame for a class as a handle of the loop, which the caller owns.
func (p *Prepared) local(l *channel.Loop, of class) (sharedFrame, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f, err := p.frame(l, of)
	if err != nil {
		return f, err
	}
	own := l.Cache().Alloc(0)
	own.Append(f.b.Clone())
	return sharedFrame{of, own, f.plain}, nil
}

// frame returns the frame for a class. The caller holds the lock.
func (p *Prepared) frame(l *channel.Loop, of class) (sharedFrame, error) {
	if len(p.frames) == 0 {
		panic("websocket: use of a released Prepared")
	}
	for _, f := range p.frames {
		if f.class == of {
			return f, nil
		}
	}
	frame := p.frames[0].b
	payload := frame.Slice(frame.Len()-p.n, frame.Len())
	defer payload.Release()
	b, err := l.Cache().TryAlloc(p.n/2 + 64)
	if err != nil {
		return sharedFrame{}, err
	}
	if err := perLoop.Of(l).deflater(of.level, of.bits).deflate(b, payload, nil); err != nil {
		b.Release()
		return sharedFrame{}, err
	}
	f := sharedFrame{of, b, false}
	if n := b.Len(); n < p.n {
		putHeader(b.Prepend(headerSize(n)), finBit|rsv1Bit|byte(p.kind), n)
	} else {
		b.Release()
		f.b, f.plain = frame.Clone(), true
	}
	p.frames = append(p.frames, f)
	return f, nil
}

// classOf returns which frame of p the connection is sent.
func (s *conn) classOf(p *Prepared) class {
	if s.extra == nil || !s.extra.deflate.on || p.n < s.set.deflate.Threshold || p.n == 0 {
		return class{}
	}
	return class{s.set.deflate.Level, s.extra.deflate.bits}
}

// checkPrepared tells why a Prepared cannot be written now.
func (s *conn) checkPrepared() error {
	switch {
	case s.state&closeSent != 0 || s.Channel().Closing():
		return channel.ErrClosed
	case s.state&sending != 0:
		return ErrOrder
	}
	return nil
}

// writePrepared writes a Prepared.
func (s *conn) writePrepared(p *Prepared) error {
	if err := s.checkPrepared(); err != nil {
		return err
	}
	of := s.classOf(p)
	if s.set.client {
		of = class{}
	}
	f, err := p.local(s.Channel().Loop(), of)
	if err != nil {
		return err
	}
	defer f.b.Release()
	if s.set.client { // which has to mask it, and so to copy
		return s.Write(Message{Kind: p.kind, Data: f.b.Slice(f.b.Len()-p.n, f.b.Len())})
	}
	return s.writeShared(f)
}

// writeShared writes a frame, which stays the caller's.
func (s *conn) writeShared(f sharedFrame) error {
	if !f.plain {
		s.extra.deflate.forget() // the peer's context has it, ours does not
	}
	return s.Context.Write(f.b.Clone())
}
