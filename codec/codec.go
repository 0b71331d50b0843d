package codec

import (
	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/pipeline"
)

// A Decoder reads messages of type T.
type Decoder[T any] interface {
	// Decode reads one message and returns it with r.Err(). What it takes from r belongs to the message; slices that
	// it borrows from r live until the message was handled. It must read at least one byte. When r has failed with
	// buffer.ErrShort, what Decode returns does not count: it is called again when there is more.
	Decode(r *buffer.Reader) (T, error)
}

// An Encoder writes messages of type T.
type Encoder[T any] interface {
	// Encode appends m to dst and owns m, also when it fails. Bodies are passed on with dst.Append, not copied.
	//
	//bufvet:borrow dst
	Encode(dst *buffer.Buf, m T) error
}

// A Framer cuts a stream into frames and puts frames around messages, both *buffer.Buf.
type Framer interface {
	Decoder[*buffer.Buf]
	// Wrap makes a frame of m in place, by Prepend and Append. It does not own m.
	//
	//bufvet:borrow m
	Wrap(m *buffer.Buf) error
}

// Stage returns a stage that decodes what comes from the wire and encodes what is written to it.
func Stage[R, W any](d Decoder[R], e Encoder[W]) pipeline.Stage {
	return &duplex[R, W]{driver: driver[R, *buffer.Buf]{dec: d}, enc: e}
}

// Decode returns a stage that decodes what comes from the wire. What later stages write goes past it.
func Decode[R any](d Decoder[R]) pipeline.Stage {
	return &inbound[R]{driver[R, pipeline.None]{dec: d}}
}

// Encode returns a stage that encodes what is written. What comes from the wire goes past it.
func Encode[W any](e Encoder[W]) pipeline.Stage { return &outbound[W]{enc: e} }

// Frames returns a stage that cuts what comes from the wire into frames, and puts frames around what is written.
func Frames(f Framer) pipeline.Stage {
	return &frames{driver[*buffer.Buf, *buffer.Buf]{dec: f}}
}

type duplex[R, W any] struct {
	driver[R, *buffer.Buf]
	enc Encoder[W]
}

func (s *duplex[R, W]) Write(m W) error { return encode(&s.Context, s.enc, m) }

type inbound[R any] struct {
	driver[R, pipeline.None]
}

func (s *inbound[R]) PassWrites() {}

type outbound[W any] struct {
	pipeline.Context[pipeline.None, *buffer.Buf]
	enc Encoder[W]
}

func (s *outbound[W]) PassReads()      {}
func (s *outbound[W]) Write(m W) error { return encode(&s.Context, s.enc, m) }

func encode[R, W any](c *pipeline.Context[R, *buffer.Buf], e Encoder[W], m W) error {
	dst := c.Alloc(0)
	done := false
	defer func() {
		if !done { // Encode has failed, or panicked because the pool is at its limit
			dst.Release()
		}
	}()
	if err := e.Encode(dst, m); err != nil {
		return err
	}
	done = true
	return c.Write(dst)
}

type frames struct {
	driver[*buffer.Buf, *buffer.Buf]
}

func (s *frames) Write(m *buffer.Buf) error {
	if f, ok := s.dec.(*lengthField); ok && f.plain && uint64(m.Len()) <= f.most { // the most used one, without a call
		m.PrependUint32(uint32(m.Len()))
		return s.Context.Write(m)
	}
	if err := s.dec.(Framer).Wrap(m); err != nil {
		m.Release()
		return err
	}
	return s.Context.Write(m)
}
