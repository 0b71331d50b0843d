package datagram

import (
	"errors"
	"fmt"

	"github.com/ropewalk/ropewalk/buffer"
)

// A Decoder reads the message of a packet. Those of package codec are Decoders; a packet is one message to them, whole.
type Decoder[T any] interface {
	// Decode reads the message and returns it with r.Err(). What it takes from r belongs to the message; slices that it borrows
	// from r live until the message was handled. It must read the packet to its end.
	Decode(r *buffer.Reader) (T, error)
}

// An Encoder writes the message of a packet. Those of package codec are Encoders.
type Encoder[T any] interface {
	// Encode appends m to dst and owns m, also when it fails. Bodies are passed on with dst.Append, not copied.
	//
	//bufvet:borrow dst
	Encode(dst *buffer.Buf, m T) error
}

// ErrTrailing says that a packet goes on behind its message.
var ErrTrailing = errors.New("pipeline/datagram: bytes behind the message")

// A DecodeError says that a packet was not understood. It unwraps to buffer.ErrShort, ErrTrailing, or what the decoder has returned.
type DecodeError struct {
	Size int // of the packet
	At   int // how far the decoder got, in bytes
	Err  error
}

func (e *DecodeError) Error() string {
	return fmt.Sprintf("pipeline/datagram: packet of %d bytes, at byte %d: %v", e.Size, e.At, e.Err)
}

// Unwrap returns the reason.
func (e *DecodeError) Unwrap() error { return e.Err }

// Coded is the stage that Codec returns.
type Coded[R, W any] struct {
	Context[R, *buffer.Buf]
	dec Decoder[R]
	enc Encoder[W]
}

// Codec returns a stage that decodes what comes from the wire and encodes what is written to it.
func Codec[R, W any](d Decoder[R], e Encoder[W]) *Coded[R, W] { return &Coded[R, W]{dec: d, enc: e} }

// Read decodes a packet and fires the message.
func (c *Coded[R, W]) Read(b *buffer.Buf, from Address) error {
	r := c.Socket().Cache().Reader(b)
	r.SetEOF(true)
	m, err := c.dec.Decode(r)
	if err != nil || r.Failed() || r.More() {
		return c.failed(b, r, err)
	}
	r.Commit()
	err = c.Fire(m, from)
	r.Close()
	b.Release()
	return err
}

// failed drops a packet.
func (c *Coded[R, W]) failed(b *buffer.Buf, r *buffer.Reader, err error) error {
	if r.Err() != nil && (err == nil || r.Err() == buffer.ErrShort) {
		err = r.Err()
	}
	if err == nil {
		err = ErrTrailing
	}
	failure := &DecodeError{b.Len(), r.Offset(), err}
	if b.Len() > 0 {
		r.Rollback()
	}
	r.Close()
	b.Release()
	return failure
}

// Write encodes a message and passes the packet on.
func (c *Coded[R, W]) Write(m W, to Address) error {
	dst := c.Alloc(0)
	done := false
	defer func() {
		if !done { // Encode has failed, or panicked because the pool is at its limit
			dst.Release()
		}
	}()
	if err := c.enc.Encode(dst, m); err != nil {
		return err
	}
	done = true
	return c.Context.Write(dst, to)
}
