// Command coder is the peer written with coder/websocket v1.8.14 on net/http.
//
//	coder -addr 127.0.0.1:0 -mode MODE
//
//	ws                  echo with Reader, a buffer that is used again, and Write
//	read                echo with Read and Write
//	broadcast           a message goes to all: written to each by who received it
//	broadcast-writers   the same, but each connection has a goroutine that writes what a channel brings
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/coder/websocket"
	"github.com/ropewalk/ropewalk/bench/internal/hub"
)

// forever has no end, so nothing watches for it.
var forever = context.Background()

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "listen address")
	mode := flag.String("mode", "ws", "ws, read, broadcast or broadcast-writers")
	flag.Parse()
	serve := map[string]func(*websocket.Conn) error{
		"ws": echo, "read": readEcho, "broadcast": broadcast, "broadcast-writers": broadcastWriters,
	}[*mode]
	if serve == nil {
		log.Fatalf("no mode %q", *mode)
	}
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "listening on %s\n", l.Addr())
	log.Fatal(http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer c.CloseNow()
		c.SetReadLimit(1 << 20)
		serve(c)
	})))
}

func echo(c *websocket.Conn) error {
	var room bytes.Buffer
	for {
		kind, r, err := c.Reader(forever)
		if err != nil {
			return err
		}
		room.Reset()
		if _, err := room.ReadFrom(r); err != nil {
			return err
		}
		if err := c.Write(forever, kind, room.Bytes()); err != nil {
			return err
		}
	}
}

func readEcho(c *websocket.Conn) error {
	for {
		kind, message, err := c.Read(forever)
		if err != nil {
			return err
		}
		if err := c.Write(forever, kind, message); err != nil {
			return err
		}
	}
}

var conns hub.Hub[*websocket.Conn]

func broadcast(c *websocket.Conn) error {
	conns.Join(c)
	defer conns.Leave(c)
	for {
		kind, message, err := c.Read(forever)
		if err != nil {
			return err
		}
		conns.Each(func(c *websocket.Conn) { c.Write(forever, kind, message) })
	}
}

type message struct {
	kind websocket.MessageType
	data []byte
}

var queues hub.Hub[chan message]

func broadcastWriters(c *websocket.Conn) error {
	queue := make(chan message, 16)
	queues.Join(queue)
	go func() {
		for m := range queue {
			c.Write(forever, m.kind, m.data)
		}
	}()
	defer close(queue)
	defer queues.Leave(queue)
	for {
		kind, data, err := c.Read(forever)
		if err != nil {
			return err
		}
		queues.Each(func(queue chan message) { queue <- message{kind, data} })
	}
}
