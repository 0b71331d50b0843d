//go:build linux

package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// size chooses how large a message is: mostly small, sometimes as large as the options allow.
func (c *client) size() int {
	switch n := c.IntN(20); {
	case n == 0:
		return 0
	case n < 6:
		return c.IntN(65)
	case n < 13:
		return c.IntN(4097)
	case n < 18:
		return c.IntN(min(64<<10, c.large) + 1)
	}
	return c.IntN(c.large + 1)
}

// frameSession sends frames without waiting, and expects them back.
func frameSession(c *client) error {
	var stream [][]byte
	for range 1 + c.IntN(8) {
		payload := c.content.part(c.Rand, c.size())
		stream = append(stream, append(binary.BigEndian.AppendUint32(nil, uint32(len(payload))), payload...))
	}
	return c.converse(stream)
}

// echoSession sends bytes, and expects them back.
func echoSession(c *client) error {
	var stream [][]byte
	for range 1 + c.IntN(8) {
		stream = slices.AppendSeq(stream, slices.Chunk(c.content.part(c.Rand, c.size()), ahead/3))
	}
	return c.converse(stream)
}

// converse sends a stream and expects it back.
func (c *client) converse(stream [][]byte) error {
	all := int64(0)
	for _, part := range stream {
		all += int64(len(part))
	}
	p := c.plan()
	c.send(stream, p)
	left := int64(math.MaxInt64)
	if p >= reset {
		left = c.Int64N(all + 1)
	}
	if err := c.expect(stream, left); err != nil {
		return err
	}
	return c.end(p)
}

// end ends a session as planned.
func (c *client) end(p plan) error {
	switch p {
	case reset, vanish:
		return c.abandon(p)
	case halfClose:
		if err := c.expectEnd(); err != nil {
			return err
		}
	}
	// Everything has come back, so everything was sent.
	return <-c.written
}

// fileSession asks for files without waiting, and compares them.
func fileSession(c *client) error {
	var names [][]byte
	var asked []file
	for range 1 + c.IntN(6) {
		f := c.content.files[c.IntN(len(c.content.files))]
		if len(f.data) > c.large {
			f = c.content.files[0]
		}
		if c.IntN(8) == 0 {
			f.forget()
		}
		asked = append(asked, f)
		names = append(names, []byte(f.name+"\n"))
	}
	if c.small { // a socket's memory holds some bytes, but not as many segments of them
		names = [][]byte{bytes.Join(names, nil)}
	}
	p := c.plan()
	c.send(names, p)
	keep := len(asked)
	if p >= reset {
		keep = c.IntN(len(asked) + 1)
	}
	r := bufio.NewReaderSize(c, 16+c.IntN(64<<10))
	buf := make([]byte, 1+c.IntN(64<<10))
	for _, f := range asked[:keep] {
		if err := c.fetch(r, f, buf); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	if p == halfClose {
		if b, err := r.ReadByte(); err == nil {
			return wrong{fmt.Errorf("byte %#x behind the last file", b)}
		} else if !isEnd(err) {
			return cutAt(err, -1)
		}
	}
	if p < reset {
		return <-c.written
	}
	return c.abandon(p)
}

// fetch reads one answer.
func (c *client) fetch(r *bufio.Reader, f file, buf []byte) error {
	c.dawdle()
	line, err := r.ReadString('\n')
	head := fmt.Sprintf("OK %d\n", len(f.data))
	switch {
	case err != nil && (strings.HasPrefix(head, line) || strings.HasPrefix("ERR busy\n", line)):
		return cutAt(err, 0)
	case line == "ERR busy\n" && c.options.busy:
		c.result.busy++
		return nil
	case line != head:
		return wrong{fmt.Errorf("%q, not %q", line, head)}
	}
	for at := 0; at < len(f.data); {
		c.dawdle()
		n, err := r.Read(buf[:min(len(buf), len(f.data)-at)])
		if bad := different(buf[:n], f.data[at:], int64(at)); bad != nil {
			return bad
		}
		at += n
		c.bytes += int64(n)
		if err != nil {
			if err == io.EOF {
				err = errCut
			}
			return cutAt(err, int64(at))
		}
	}
	return nil
}
