// Command gobwas is the peer written with gobwas/ws v1.4.0 on package net: a goroutine for each connection.
//
//	gobwas -addr 127.0.0.1:0 -mode MODE
//
//	ws                  echo with ReadHeader and WriteHeader on bufio both ways, a buffer for the payload that
//	                    is used again, and a flush whenever it would have to wait
//	plain               echo as the README of gobwas shows it: no bufio, a new payload each time
//	wsutil              echo with wsutil.ReadClientData and WriteServerMessage
//	broadcast           a message goes to all: one compiled frame, written to each by who received it
//	broadcast-writers   the same, but each connection has a goroutine that writes what a channel brings
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
	"github.com/ropewalk/ropewalk/bench/internal/hub"
)

const maxPayload = 1 << 20

var errTooLong = fmt.Errorf("a frame of more than %d bytes", maxPayload)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "listen address")
	mode := flag.String("mode", "ws", "ws, plain, wsutil, broadcast or broadcast-writers")
	flag.Parse()
	serve := map[string]func(net.Conn) error{
		"ws": buffered, "plain": plain, "wsutil": utility,
		"broadcast": broadcast, "broadcast-writers": broadcastWriters,
	}[*mode]
	if serve == nil {
		log.Fatalf("no mode %q", *mode)
	}
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "listening on %s\n", l.Addr())
	for {
		c, err := l.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			defer c.Close()
			if _, err := ws.Upgrade(c); err == nil {
				serve(c)
			}
		}()
	}
}

func buffered(c net.Conn) error {
	in, out := bufio.NewReader(c), bufio.NewWriter(c)
	var room []byte
	for {
		head, payload, err := receive(in, room)
		if err != nil {
			return err
		}
		room = payload
		head.Masked = false
		if err := ws.WriteHeader(out, head); err != nil {
			return err
		}
		out.Write(payload)
		if in.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				return err
			}
		}
	}
}

// receive reads a frame, into room if it is large enough.
func receive(in io.Reader, room []byte) (ws.Header, []byte, error) {
	head, err := ws.ReadHeader(in)
	if err != nil {
		return head, nil, err
	}
	if head.Length > maxPayload {
		return head, nil, errTooLong
	}
	if head.OpCode == ws.OpClose {
		return head, nil, io.EOF
	}
	if int(head.Length) > cap(room) {
		room = make([]byte, head.Length)
	}
	payload := room[:head.Length]
	if _, err = io.ReadFull(in, payload); err == nil && head.Masked {
		ws.Cipher(payload, head.Mask, 0)
	}
	return head, payload, err
}

func plain(c net.Conn) error {
	for {
		head, payload, err := receive(c, nil)
		if err != nil {
			return err
		}
		head.Masked = false
		if err := ws.WriteHeader(c, head); err != nil {
			return err
		}
		if _, err := c.Write(payload); err != nil {
			return err
		}
	}
}

func utility(c net.Conn) error {
	for {
		message, op, err := wsutil.ReadClientData(c)
		if err != nil {
			return err
		}
		if err := wsutil.WriteServerMessage(c, op, message); err != nil {
			return err
		}
	}
}

var conns hub.Hub[net.Conn]

func broadcast(c net.Conn) error {
	conns.Join(c)
	defer conns.Leave(c)
	return listen(c, func(frame []byte) {
		conns.Each(func(c net.Conn) { c.Write(frame) })
	})
}

// listen calls tell with a compiled frame for each message that comes.
func listen(c net.Conn, tell func(frame []byte)) error {
	in := bufio.NewReader(c)
	for {
		head, payload, err := receive(in, nil)
		if err != nil {
			return err
		}
		frame, err := ws.CompileFrame(ws.NewFrame(head.OpCode, head.Fin, payload))
		if err != nil {
			return err
		}
		tell(frame)
	}
}

var queues hub.Hub[chan []byte]

func broadcastWriters(c net.Conn) error {
	queue := make(chan []byte, 16)
	queues.Join(queue)
	go func() {
		for frame := range queue {
			c.Write(frame)
		}
	}()
	defer close(queue)
	defer queues.Leave(queue)
	return listen(c, func(frame []byte) {
		queues.Each(func(queue chan []byte) { queue <- frame })
	})
}
