// Package quiet does nothing wrong. Much of it is code of ropewalk, made shorter.
package quiet

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline"
)

var errBad = errors.New("bad")

func echo(c *pipeline.Ctx[*buffer.Buf], b *buffer.Buf) error { return c.Write(b) }

// driver keeps a rest, as the one of package codec does.
type driver struct {
	pipeline.Context[*buffer.Buf, *buffer.Buf]
	dec   codec.Decoder[*buffer.Buf]
	rest  *buffer.Buf
	ended bool
}

func (d *driver) Read(b *buffer.Buf) error {
	if d.rest == nil {
		d.rest = b
	} else {
		d.rest.Gather(b, 100)
	}
	return d.decode()
}

func (d *driver) decode() error {
	r := d.Channel().Cache().Reader(d.rest)
	r.SetEOF(d.ended)
	for r.More() {
		m, err := d.dec.Decode(r)
		if err != nil || r.Failed() {
			r.Rollback()
			break
		}
		if !r.Commit() {
			r.Rollback()
			return errBad
		}
		if err := d.Fire(m); err != nil {
			return err
		}
		r.Repay()
	}
	n := r.Consumed()
	r.Close()
	d.keep(n)
	return nil
}

func (d *driver) keep(n int) {
	b := d.rest
	if n == b.Len() {
		d.rest = nil
		b.Release()
		return
	}
	b.Discard(n)
	if b.Len() <= 100 {
		b.Own()
	}
}

func (d *driver) Leftover() *buffer.Buf {
	b := d.rest
	d.rest = nil
	return b
}

func (d *driver) Closed(error) {
	if b := d.Leftover(); b != nil {
		b.Release()
	}
}

func (d *driver) reset() {
	if d.rest != nil && d.rest.Len() > 0 {
		d.rest.Release()
		d.rest = nil
	}
}

// encode releases in a deferred function what it did not pass on.
func encode(c *pipeline.Context[int, *buffer.Buf], e codec.Encoder[int], m int) error {
	dst := c.Alloc(0)
	done := false
	defer func() {
		if !done {
			dst.Release()
		}
	}()
	if err := e.Encode(dst, m); err != nil {
		return err
	}
	done = true
	return c.Write(dst)
}

func flag(a buffer.Allocator, big bool) {
	var b *buffer.Buf
	if big {
		b = a.Alloc(1 << 20)
	}
	for i := range 3 {
		if big {
			b.PutUint8(uint8(i))
		}
	}
	if big {
		b.Release()
	}
}

func maybeNil(a buffer.Allocator, n int) {
	var b *buffer.Buf
	if n > 0 {
		b = a.Alloc(n)
	}
	if b != nil {
		b.Release()
	}
}

func named(a buffer.Allocator) (b *buffer.Buf, err error) {
	b, err = a.TryAlloc(10)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			b.Release()
			b = nil
		}
	}()
	_, err = b.Write([]byte("x"))
	return b, err
}

func sentinel(a buffer.Allocator) error {
	b, err := a.TryAlloc(10)
	if errors.Is(err, buffer.ErrLimit) {
		return err
	}
	switch {
	case err == buffer.ErrLimit:
		return err
	case err != nil:
		return fmt.Errorf("no buffer: %w", err)
	}
	b.Release()
	return nil
}

func deferredOnce(a buffer.Allocator, bad bool) error {
	b := a.Alloc(1)
	defer b.Release()
	if bad {
		return errBad
	}
	clone := b.Clone()
	defer func() { clone.Release() }()
	return nil
}

func list(a buffer.Allocator, n int) {
	var all []*buffer.Buf
	for range n {
		b := a.Alloc(1)
		b.PutUint8(1)
		all = append(all, b)
		b.PutUint8(2)
	}
	for _, b := range all {
		b.Release()
	}
	pair := []*buffer.Buf{a.Alloc(1), a.Alloc(2)}
	for i := range pair {
		pair[i].Release()
	}
	byName := map[string]*buffer.Buf{"x": a.Alloc(1)}
	byName["x"].Release()
}

func chain(a buffer.Allocator, n int) *buffer.Buf {
	var prev *buffer.Buf
	for range n {
		b := a.Alloc(1)
		if prev != nil {
			b.Append(prev)
		}
		prev = b
	}
	return prev
}

func concurrent(bufs []*buffer.Buf) {
	var wg sync.WaitGroup
	for _, b := range bufs {
		wg.Add(1)
		go func() {
			defer wg.Done()
			b.Release()
		}()
	}
	wg.Wait()
}

func cleanup(t interface{ Cleanup(func()) }, a buffer.Allocator) *buffer.Buf {
	b := a.Alloc(1)
	t.Cleanup(b.Release)
	o := a.Alloc(1)
	t.Cleanup(func() { o.Release() })
	o.PutUint8(1)
	b.PutUint8(1)
	return nil
}

func remote(r channel.Remote, b *buffer.Buf) {
	r.Do(func(ch *channel.Channel, err error) {
		if err != nil {
			b.Release()
			return
		}
		ch.Write(b)
	})
}

func after(ctx context.Context, b *buffer.Buf) {
	context.AfterFunc(ctx, func() { b.Release() })
}

func receive(from chan *buffer.Buf) {
	for b := range from {
		b.Release()
	}
	if b, ok := <-from; ok {
		b.Release()
	}
}

func offer(to chan *buffer.Buf, done chan bool, b *buffer.Buf) {
	select {
	case to <- b:
	case <-done:
		b.Release()
	}
}

func asAny(m any) {
	switch v := m.(type) {
	case *buffer.Buf:
		v.Release()
	case fmt.Stringer:
		fmt.Println(v)
	}
}

func generic[T any](c *pipeline.Ctx[T], m T) error {
	if r, ok := any(m).(interface{ Release() }); ok {
		r.Release()
		return nil
	}
	return c.Write(m)
}

func sorted(bufs []*buffer.Buf) {
	slices.SortFunc(bufs, func(a, b *buffer.Buf) int { return a.Compare(b) })
}

func streamed(w io.Writer, b *buffer.Buf) error {
	defer b.Release()
	_, err := io.Copy(w, struct{ io.Reader }{b})
	return err
}

func filled(a buffer.Allocator) *buffer.Buf { return fill(a.Alloc(10), "x") }

func fill(b *buffer.Buf, s string) *buffer.Buf {
	b.PutString(s)
	return b
}

func chained(a buffer.Allocator) {
	b := a.Alloc(10)
	fill(b, "x")
	fill(b, "y").PutUint8(1)
	b.Release()
}

type message struct {
	id   uint64
	body *buffer.Buf
}

type wire struct{ max int }

func (w wire) Decode(r *buffer.Reader) (message, error) {
	n := r.Length32(w.max)
	if n < 8 {
		r.Fail(fmt.Errorf("short: %w", buffer.ErrMalformed))
	}
	m := message{id: r.Uint64()}
	m.body = r.Take(n - 8)
	return m, r.Err()
}

func (w wire) Encode(dst *buffer.Buf, m message) error {
	head := m.body.Prepend(12)
	binary.BigEndian.PutUint32(head, uint32(m.body.Len()-4))
	dst.Append(m.body)
	return nil
}

func serve(c *pipeline.Ctx[message], m message) error {
	switch m.id {
	case 0: // a ping has no body
		return nil
	case 1:
		m.body.Release()
		m.body = c.Alloc(4)
	}
	return c.Write(m)
}

type line struct{ strict bool }

func (f line) Decode(r *buffer.Reader) (*buffer.Buf, error) {
	b := r.TakeUntil('\n', 100)
	if b == nil {
		return nil, r.Err()
	}
	if f.strict && b.Len() > 0 && b.At(b.Len()-1) != '\r' {
		return nil, errBad // the driver takes it back
	}
	return b, r.Err()
}

func (f line) Wrap(m *buffer.Buf) error {
	if m.IndexByte('\n', 0) >= 0 {
		return errBad
	}
	m.PutUint8('\n')
	return nil
}

func framed(f codec.Framer, c *pipeline.Ctx[*buffer.Buf], m *buffer.Buf) error {
	if err := f.Wrap(m); err != nil {
		m.Release()
		return err
	}
	return c.Write(m)
}

// split writes all of a buffer in pieces.
func split(c *pipeline.Ctx[*buffer.Buf], b *buffer.Buf, n int) error {
	for b.Len() > n {
		if err := c.Write(b.Split(n)); err != nil {
			b.Release()
			return err
		}
	}
	return c.Write(b)
}

func swap(a buffer.Allocator) {
	b := a.Alloc(1)
	c := b.Copy()
	b.Release()
	b = c
	b.PutUint8(1)
	b.Release()
}

func retry(a buffer.Allocator) (b *buffer.Buf) {
	for {
		var err error
		if b, err = a.TryAlloc(10); err == nil {
			return b
		}
	}
}

type holder struct{ free func() }

func heldByLiteral(a buffer.Allocator, h *holder) func() {
	b, o := a.Alloc(1), a.Alloc(2)
	h.free = func() { b.Release() }
	b.PutUint8(1)
	return o.Release
}

func converted(a buffer.Allocator, run func(any)) {
	b := a.Alloc(1)
	run(func() { b.Release() })
	b.PutUint8(1)
}

// take says whether it took the message. That is not how the model has it, but nobody else calls it.
func take(c *pipeline.Ctx[message], m message) (bool, error) {
	if m.body.Len() > 100 {
		return false, nil
	}
	return true, c.Write(m)
}

func byFlag(c *pipeline.Ctx[*buffer.Buf], b *buffer.Buf, direct bool) (err error) {
	owned := true
	if direct {
		err = c.Write(b)
		owned = false
	}
	if owned {
		b.Release()
	}
	return err
}

type queue struct {
	list []*buffer.Buf
	most int
}

// push is a helper that takes b only if there is room.
func (q *queue) push(b *buffer.Buf) bool {
	if len(q.list) == q.most {
		return false
	}
	q.list = append(q.list, b)
	return true
}

func pushed(q *queue, b *buffer.Buf) {
	if !q.push(b) {
		b.Release()
	}
}

func recovered(a buffer.Allocator, f func()) {
	b := a.Alloc(1)
	defer func() {
		if recover() != nil {
			b.Release()
		}
	}()
	f()
	b.Release()
}

func vectors(q *buffer.Queue, iov [][]byte, write func([][]byte) int) [][]byte {
	for !q.Empty() {
		iov = q.Vectors(iov[:0], 10, 100)
		q.Advance(write(iov))
	}
	clear(iov)
	return iov[:0]
}

func again(a buffer.Allocator, iov [][]byte) {
	b := a.Alloc(1)
	iov = b.Vectors(iov[:0])
	b.Release()
	for i := range iov {
		iov[i] = nil
	}
	o := a.Alloc(1)
	iov = o.Vectors(iov[:0])
	o.Release()
}
