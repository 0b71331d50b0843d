package main

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"

	"github.com/ropewalk/ropewalk/bench/internal/hub"
)

var conns hub.Hub[net.Conn]

// fan writes every frame to all connections.
func fan(c net.Conn, limit int) {
	defer c.Close()
	conns.Join(c)
	defer conns.Leave(c)
	listen(c, limit, func(frame []byte) {
		conns.Each(func(c net.Conn) { c.Write(frame) })
	})
}

// listen calls tell with every frame, which it may keep.
func listen(c net.Conn, limit int, tell func(frame []byte)) {
	r := bufio.NewReaderSize(c, bufferSize)
	for {
		head, err := r.Peek(4)
		if err != nil {
			return
		}
		size := int(binary.BigEndian.Uint32(head))
		if size > limit {
			return
		}
		frame := make([]byte, 4+size)
		if _, err := io.ReadFull(r, frame); err != nil {
			return
		}
		tell(frame)
	}
}

var queues hub.Hub[chan []byte]

// fanWriters gives every frame to a goroutine of each connection.
func fanWriters(c net.Conn, limit int) {
	defer c.Close()
	queue := make(chan []byte, 16)
	queues.Join(queue)
	go func() {
		for frame := range queue {
			c.Write(frame)
		}
	}()
	defer close(queue)
	defer queues.Leave(queue)
	listen(c, limit, func(frame []byte) {
		queues.Each(func(queue chan []byte) { queue <- frame })
	})
}
