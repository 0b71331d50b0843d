// Package loan keeps what is only borrowed.
package loan

import (
	"bytes"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/pipeline"
)

var last []byte

type stage struct {
	pipeline.Context[*buffer.Buf, *buffer.Buf]
	last  []byte
	parts [][]byte
	names map[string][]byte
	b     *buffer.Buf
}

func (s *stage) Read(m *buffer.Buf) error {
	s.last = m.Bytes()                   // want `what Bytes has lent of m in line 23 is stored in field last: bytes that are kept have to be copied`
	s.last = m.Bytes()[1:3]              // want `what Bytes has lent of m in line 24 is stored in field last`
	s.parts = append(s.parts, m.Bytes()) // want `what Bytes has lent of m in line 25 is stored in field parts`
	s.names["x"] = m.Bytes()             // want `stored in field names`
	s.parts[0] = m.Bytes()               // want `stored in an element of a slice`
	last = m.Bytes()                     // want `stored in last`
	s.last = append([]byte(nil), m.Bytes()...)
	s.last = append(s.last[:0], m.Bytes()...)
	s.last = bytes.Clone(m.Bytes())
	s.names[string(m.Bytes())] = []byte(string(m.Bytes()))
	return s.Fire(m)
}

func (s *stage) Write(m *buffer.Buf) error {
	s.b, s.last = m, m.Bytes() // the handle is kept with them
	return nil
}

func after(b *buffer.Buf) byte {
	p := b.Bytes()
	b.Release()
	return p[0] // want `what Bytes has lent of b is used after b was released in line 43`
}

func afterWrite(c *pipeline.Ctx[*buffer.Buf], b *buffer.Buf) (int, error) {
	p := b.Bytes()
	err := c.Write(b)
	return bytes.IndexByte(p, '\n'), err // want `what Bytes has lent of b is used after b was passed on to Write in line 49`
}

func returned(b *buffer.Buf) []byte {
	defer b.Release()
	return b.Bytes() // want `what Bytes has lent of b is returned after b was released`
}

func copied(b *buffer.Buf) string {
	defer b.Release()
	return string(b.Bytes())
}

func sent(to chan []byte, b *buffer.Buf) {
	to <- b.Bytes() // want `what Bytes has lent of b in line 64 is sent on a channel`
	b.Release()
}

func concurrent(b *buffer.Buf, f func([]byte)) {
	go f(b.Bytes()) // want `is given to a goroutine`
	p := b.Bytes()
	go func() { f(p) }()                   // want `is used by a function that runs later`
	time.AfterFunc(1, func() { f(p[:1]) }) // want `is used by a function that runs later`
	func() { f(p) }()
	b.Release()
}

func closed(b *buffer.Buf) byte {
	r := buffer.NewReader(b)
	p := r.Next(4)
	r.Close()
	b.Release()
	return p[0] // want `what Next has lent of r is used after r was closed in line 80`
}

type decoder struct{ name []byte }

// Decode keeps in the decoder what belongs to the message.
func (d *decoder) Decode(r *buffer.Reader) (int, error) {
	d.name = r.Next(4) // want `what Next has lent of r in line 89 is stored in field name`
	return 1, r.Err()
}

type message struct {
	name []byte
	body *buffer.Buf
}

func (m *message) parse(r *buffer.Reader) { m.name = r.Peek(4) } // what a message borrows lives as long as it

func decode(r *buffer.Reader) (message, error) {
	return message{name: r.Next(3), body: r.Take(4)}, r.Err()
}

func chunks(s *stage, b *buffer.Buf) {
	for p := range b.Chunks() {
		last = p // want `what Chunks has lent in line \d+ is stored in last`
	}
	b.Release()
}

func room(c *buffer.Cache, to chan []byte) error {
	p, err := c.ReceiveRoom()
	if err != nil {
		return err
	}
	to <- p // want `is sent on a channel`
	return nil
}

func local(b *buffer.Buf) int {
	seen := map[string][]byte{"x": b.Bytes()}
	list := [][]byte{b.Bytes()}
	n := len(seen["x"]) + len(list)
	b.Release()
	return n
}

func head(b *buffer.Buf) []byte { return b.Bytes()[:4] }

func throughHelper(b *buffer.Buf) byte {
	p := head(b)
	b.Release()
	return p[0] // want `what head has lent of b is used after b was released`
}

func pieces(b *buffer.Buf) byte {
	v := b.Vectors(nil)
	b.Release()
	return v[0][0] // want `what Vectors has lent of b is used after b was released`
}
