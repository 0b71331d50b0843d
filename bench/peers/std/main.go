// Command std is the peer written with nothing but package net: a goroutine
// for each connection and blocking reads and writes.
//
//	std -addr 127.0.0.1:0 -mode raw|frame|fan|fanwriters [-max BYTES]
//
// In frame mode it uses bufio both ways and answers every frame, flushing
// whenever it would have to wait for the peer, so a burst of frames costs one
// write. A frame that is buffered whole goes from one buffer to the other
// without a stop between.
//
// In fan mode who received a frame writes it to each connection, one after the
// other; in fanwriters a channel takes it to a goroutine of each connection,
// which writes. There are no loops.
package main

import (
	"bufio"
	"encoding/binary"
	"log"
	"net"

	"github.com/ropewalk/ropewalk/bench/internal/peer"
)

const bufferSize = 32 << 10

func main() {
	o := peer.Parse("raw", "frame", "fan", "fanwriters")
	serve := map[string]func(net.Conn, int){
		"raw": raw, "frame": frames, "fan": fan, "fanwriters": fanWriters,
	}[o.Mode]
	l, err := net.Listen("tcp", o.Addr)
	if err != nil {
		log.Fatal(err)
	}
	peer.Announce(l.Addr())
	for {
		c, err := l.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go serve(c, o.Max)
	}
}

// raw answers every read by one write.
func raw(c net.Conn, _ int) {
	defer c.Close()
	buf := make([]byte, bufferSize)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		if _, err := c.Write(buf[:n]); err != nil {
			return
		}
	}
}

// frames answers every 4-byte length-prefixed frame by itself.
func frames(c net.Conn, limit int) {
	defer c.Close()
	r, w := bufio.NewReaderSize(c, bufferSize), bufio.NewWriterSize(c, bufferSize)
	for {
		if r.Buffered() < 4 && w.Flush() != nil {
			return
		}
		head, err := r.Peek(4)
		if err != nil {
			return
		}
		size := int(binary.BigEndian.Uint32(head))
		if size > limit {
			return
		}
		if r.Buffered() >= 4+size {
			frame, _ := r.Peek(4 + size)
			_, err = w.Write(frame)
			r.Discard(len(frame))
		} else {
			err = longFrame(r, w, 4+size)
		}
		if err != nil {
			return
		}
	}
}

// longFrame answers a frame that is not in the buffer whole, as it arrives.
func longFrame(r *bufio.Reader, w *bufio.Writer, size int) error {
	for size > 0 {
		if r.Buffered() == 0 {
			if err := w.Flush(); err != nil {
				return err
			}
			if _, err := r.Peek(1); err != nil {
				return err
			}
		}
		part, err := r.Peek(min(size, r.Buffered()))
		if err != nil {
			return err
		}
		if _, err := w.Write(part); err != nil {
			return err
		}
		r.Discard(len(part))
		size -= len(part)
	}
	return nil
}
