package main

import (
	"encoding/binary"
	"fmt"

	"github.com/ropewalk/ropewalk/buffer"
)

// A message is a request or its reply, which has the same id.
//
//	├ 4 ──┼─ 8 ┼ 1 ┼──────┤
//	│ len │ id │ op│ body │     len counts what follows it
type message struct {
	id   uint64
	op   uint8
	body *buffer.Buf
}

const (
	opEcho  = 0
	opUpper = 1

	fixed = 8 + 1 // bytes of id and op
)

// wire reads and writes messages of up to max bytes. The body is a view of what was read, and goes out as it came.
type wire struct{ max int }

func (w wire) Decode(r *buffer.Reader) (message, error) {
	n := r.Length32(w.max)
	if n < fixed {
		r.Fail(fmt.Errorf("rpc: message of %d bytes, less than its id and op: %w", n, buffer.ErrMalformed))
	}
	m := message{id: r.Uint64(), op: r.Uint8()}
	m.body = r.Take(n - fixed)
	return m, r.Err()
}

func (w wire) Encode(dst *buffer.Buf, m message) error {
	head := m.body.Prepend(4 + fixed) // where the header of the request was
	binary.BigEndian.PutUint32(head, uint32(m.body.Len()-4))
	binary.BigEndian.PutUint64(head[4:], m.id)
	head[12] = m.op
	dst.Append(m.body)
	return nil
}
