package codec

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/pipeline"
)

// ErrNoProgress says that a decoder returned a message without reading anything, which it could do for ever.
var ErrNoProgress = errors.New("codec: decoder made a message of no input")

// driver is the decoding half of a stage: it feeds a decoder and keeps what is not a whole message yet.
type driver[T, W any] struct {
	pipeline.Context[T, W]
	dec    Decoder[T]
	rest   *buffer.Buf
	want   uint32 // the decoder cannot succeed while the rest is shorter
	scanAt uint32
	scanTo uint32 // see buffer.Reader.Scanned
	ended  bool   // no more input will come
}

// Read decodes what has come and fires the messages.
func (d *driver[T, W]) Read(b *buffer.Buf) error {
	ch := d.Channel()
	if d.rest == nil {
		d.rest = b
	} else {
		AddRest(d.rest, b)
	}
	ch.Keep()
	if d.short() || ch.Halted() {
		d.tellRest()
		return nil
	}
	return d.decode()
}

// short tells whether the decoder would only fail again.
func (d *driver[T, W]) short() bool { return uint64(d.rest.Len()) < uint64(d.want) }

// decode fires messages until the rest holds no whole one, or the channel wants no more.
func (d *driver[T, W]) decode() error {
	r := d.Channel().Cache().Reader(d.rest)
	r.SetEOF(d.ended)
	r.SetScanned(int(d.scanAt), int(d.scanTo))
	d.want, d.scanAt, d.scanTo = 0, 0, 0
	err := d.messages(r)
	n := r.Consumed()
	r.Close()
	d.keep(n)
	return err
}

// messages fires what r has, as far as the channel wants it.
func (d *driver[T, W]) messages(r *buffer.Reader) error {
	if fast, ok := any(d).(*driver[*buffer.Buf, *buffer.Buf]); ok {
		if f, ok := fast.dec.(*lengthField); ok && f.plain {
			return plainFrames(fast, r, uint32(f.most))
		}
	}
	ch := d.Channel()
	for r.More() {
		m, err := d.dec.Decode(r)
		if err != nil || r.Failed() {
			return d.failed(r, err)
		}
		if !r.Commit() {
			r.Rollback() // it may have taken an empty Buf
			return ErrNoProgress
		}
		if err := d.Fire(m); err != nil {
			return err
		}
		r.Repay()
		if ch.Halted() {
			break
		}
	}
	return nil
}

// plainFrames is messages for the most used format, without the calls that decoders in general need: 2 ns of 25 a frame.
func plainFrames(d *driver[*buffer.Buf, *buffer.Buf], r *buffer.Reader, most uint32) error {
	ch := d.Channel()
	for r.More() {
		m := r.TakeFrame32(most)
		if m == nil {
			return d.failed(r, nil)
		}
		r.Commit()
		if err := d.Fire(m); err != nil {
			return err
		}
		r.Repay()
		if ch.Halted() {
			break
		}
	}
	return nil
}

// failed rolls back an attempt. It returns nil if the attempt only came too early.
func (d *driver[T, W]) failed(r *buffer.Reader, err error) error {
	short := r.Err() == buffer.ErrShort
	if short {
		d.want = uint32(min(uint64(r.Need()), math.MaxUint32))
		if from, to := r.Scanned(); uint64(to) <= math.MaxUint32 {
			d.scanAt, d.scanTo = uint32(from), uint32(to)
		}
		err = nil
	} else if err == nil {
		err = r.Err()
	}
	r.Rollback()
	return err
}

// keep drops the first n bytes of the rest, which were used.
func (d *driver[T, W]) keep(n int) {
	b := d.rest
	if n == b.Len() {
		d.rest = nil
		b.Release()
		return
	}
	b.Discard(n)
	KeepRest(d.Channel().Cache(), b)
	d.tellRest()
}

// EOF decodes what is left when the stream has ended.
func (d *driver[T, W]) EOF() error {
	d.ended, d.want = true, 0
	return d.Writable()
}

// Writable goes on with what was kept while the channel was halted.
func (d *driver[T, W]) Writable() error {
	ch := d.Channel()
	if d.rest == nil || d.short() || ch.Halted() {
		return nil
	}
	err := d.decode()
	if err == nil && d.ended && d.rest != nil && !ch.Halted() {
		return fmt.Errorf("codec: stream ended %d bytes into a message: %w", d.rest.Len(), io.ErrUnexpectedEOF)
	}
	return err
}

// Leftover gives up the input that was not used, to the stages that replace this one.
func (d *driver[T, W]) Leftover() *buffer.Buf {
	b := d.rest
	d.rest, d.want, d.scanAt, d.scanTo = nil, 0, 0, 0
	return b
}

// Closed releases the rest.
func (d *driver[T, W]) Closed(error) {
	if b := d.Leftover(); b != nil {
		b.Release()
	}
}
