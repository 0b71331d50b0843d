package websocket

import (
	"bytes"
	"errors"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/ropewalk/ropewalk/buffer"
)

// endOfMessage is what is put behind the compressed bytes of a message: the four bytes that its sender has taken away (RFC
// 7692 section 7.2.2), and an empty last block, so that the stream ends for an inflater.
var endOfMessage = [9]byte{0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff}

// maxStreams is how many deflate streams a message may consist of. Section 7.2.3.4 shows one that ends its stream; nobody needs
// more than that, and each costs as much as a window of 32 KiB.
const maxStreams = 4

// An inflater inflates for all connections of a loop.
type inflater struct {
	src bytes.Reader
	r   io.ReadCloser
}

var (
	errInflate  = &Error{InvalidPayload, "compressed message is corrupt"}
	errInflated = &Error{MessageTooBig, "message is too large when it is inflated"}
)

func (l *shared) inflate() *inflater {
	if l.inflater == nil {
		l.inflater = new(inflater)
		l.inflater.r = flate.NewReader(&l.inflater.src)
	}
	return l.inflater
}

// inflate returns the message whose compressed bytes are in b, and consumes b.
func (s *conn) inflate(b *buffer.Buf) (*buffer.Buf, error) {
	defer func() { b.Release() }()
	c := s.Channel().Cache()
	var err error
	if b, err = ended9(c, b); err != nil {
		return nil, err
	}
	out, err := c.TryAlloc(int(min(4*int64(b.Len()), s.set.maxInflate, 64<<10)))
	if err != nil {
		return nil, err
	}
	d := &s.extra.deflate
	if err = perLoop.Of(s.Channel().Loop()).inflate().inflate(c, out, b, d.received, s.set.maxInflate); err == nil && d.peerTakeover {
		err = remember(c, &d.received, out, 1<<d.peerBits)
	}
	if err != nil {
		out.Release()
		return nil, err
	}
	return out, nil
}

// ended9 returns b with endOfMessage behind it, in one piece. When it fails b is what it was.
func ended9(c *buffer.Cache, b *buffer.Buf) (*buffer.Buf, error) {
	if b.Segments() > 1 || b.Room() < len(endOfMessage) {
		o, err := c.TryAlloc(b.Len() + len(endOfMessage))
		if err != nil {
			return b, err
		}
		b.CopyAt(o.Tail(b.Len()), 0)
		o.Commit(b.Len())
		b.Release()
		b = o
	}
	b.Write(endOfMessage[:])
	return b, nil
}

// inflate appends to out what b holds compressed, in one piece, up to limit bytes. history is what the peer may refer to, or nil.
//
//bufvet:borrow out b history
func (in *inflater) inflate(c *buffer.Cache, out, b, history *buffer.Buf, limit int64) error {
	in.src.Reset(b.Bytes())
	defer in.src.Reset(nil)
	var dictionary []byte
	if history != nil {
		dictionary = history.Bytes()
	}
	for range maxStreams {
		if err := in.r.(flate.Resetter).Reset(&in.src, dictionary); err != nil {
			return err
		}
		if err := in.stream(out, limit); err != nil {
			return err
		}
		if in.src.Len() == 0 {
			return nil
		}
		// The peer has ended its stream. What follows may refer to all before.
		window, err := latest(c, history, out, 1<<maxBits)
		if err != nil {
			return err
		}
		defer window.Release()
		dictionary = window.Bytes()
	}
	return errInflate
}

// stream inflates up to the end of a stream.
//
//bufvet:borrow out
func (in *inflater) stream(out *buffer.Buf, limit int64) error {
	for {
		p, err := out.TryTail(512)
		if err != nil {
			return err
		}
		if left := limit - int64(out.Len()); left < int64(len(p)) {
			p = p[:left+1] // one more than is allowed, to see it
		}
		n, err := in.r.Read(p)
		out.Commit(n)
		switch {
		case int64(out.Len()) > limit:
			return errInflated
		case err == io.EOF:
			return nil
		case errors.Is(err, buffer.ErrLimit):
			return err
		case err != nil:
			return errInflate
		}
	}
}

// latest returns the last n bytes of a, which may be nil, and b behind it.
//
//bufvet:borrow a b
func latest(c *buffer.Cache, a, b *buffer.Buf, n int) (*buffer.Buf, error) {
	o, err := c.TryAlloc(n)
	if err != nil {
		return nil, err
	}
	fromB := min(b.Len(), n)
	if a != nil {
		fromA := min(a.Len(), n-fromB)
		o.Commit(a.CopyAt(o.Tail(fromA)[:fromA], a.Len()-fromA))
	}
	o.Commit(b.CopyAt(o.Tail(fromB)[:fromB], b.Len()-fromB))
	return o, nil
}

// remember adds the bytes of b to those that are kept in *h, which may be nil, and drops what lies more than window bytes back.
// When it fails *h is what it was.
//
//bufvet:borrow b
func remember(c *buffer.Cache, h **buffer.Buf, b *buffer.Buf, window int) error {
	if old := *h; old != nil && old.Room() >= b.Len() {
		b.CopyAt(old.Tail(b.Len()), 0)
		old.Commit(b.Len())
		old.Discard(max(old.Len()-window, 0))
		return nil
	}
	all := b.Len()
	if *h != nil {
		all += (*h).Len()
	}
	// Some room beyond, so that not every message has it moved.
	o, err := c.TryAlloc(min(2*all, window+window/4))
	if err != nil {
		return err
	}
	n := min(window, b.Len())
	if old := *h; old != nil {
		m := min(old.Len(), window-n)
		o.Commit(old.CopyAt(o.Tail(m)[:m], old.Len()-m))
		old.Release()
	}
	o.Commit(b.CopyAt(o.Tail(n)[:n], b.Len()-n))
	*h = o
	return nil
}
