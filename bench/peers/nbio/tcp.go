package main

import (
	"log"
	"net"
	"sync"

	"github.com/lesismal/nbio"
	"github.com/ropewalk/ropewalk/bench/internal/hub"
	"github.com/ropewalk/ropewalk/bench/internal/peer"
)

// serveTCP runs nbio without HTTP: the poller reads into a buffer of its own and lends it to the handler.
func serveTCP(o peer.Options) {
	ready := make(chan net.Addr, 1)
	engine := nbio.NewEngine(nbio.Config{
		Network: "tcp",
		Addrs:   []string{o.Addr},
		NPoller: o.Loops,
		Listen:  listener(ready),
	})
	s := &server{limit: o.Max}
	switch o.Mode {
	case "raw":
		engine.OnData(func(c *nbio.Conn, data []byte) { c.Write(data) })
	case "frame":
		engine.OnData(s.frames)
	case "fan":
		engine.OnOpen(s.conns.Join)
		engine.OnClose(func(c *nbio.Conn, _ error) { s.conns.Leave(c) })
		engine.OnData(s.fan)
	}
	if err := engine.Start(); err != nil {
		log.Fatal(err)
	}
	peer.Announce(<-ready)
	select {}
}

type server struct {
	limit int
	conns hub.Hub[*nbio.Conn]
}

// buffers are for what several frames or reads make together.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// frames answers each frame, and all of a read by one Write. Writev would spare the copy, but loses all that is behind a piece
// that it could write only in part.
func (s *server) frames(c *nbio.Conn, data []byte) {
	if size, _ := peer.Frame(data, s.limit); size == len(data) && c.Session() == nil {
		c.Write(data) // one frame, and no more
		return
	}
	out := buffers.Get().(*[]byte)
	*out = (*out)[:0]
	s.each(c, data, func(frame []byte) { *out = append(*out, frame...) })
	if len(*out) > 0 {
		c.Write(*out) // keeps a copy of what the peer does not take
	}
	buffers.Put(out)
}

// fan sends each frame to everybody.
func (s *server) fan(c *nbio.Conn, data []byte) {
	s.each(c, data, func(frame []byte) {
		s.conns.Each(func(to *nbio.Conn) { to.Write(frame) })
	})
}

// each calls f for the whole frames of what has come, and keeps the rest for the next time.
func (s *server) each(c *nbio.Conn, data []byte, f func([]byte)) {
	kept, _ := c.Session().(*[]byte)
	if kept != nil {
		*kept = append(*kept, data...)
		data = *kept
	}
	for {
		size, ok := peer.Frame(data, s.limit)
		if !ok {
			c.Close()
			return
		}
		if size == 0 {
			break
		}
		f(data[:size])
		data = data[size:]
	}
	switch {
	case len(data) > 0 && kept == nil:
		kept = buffers.Get().(*[]byte)
		*kept = append((*kept)[:0], data...)
		c.SetSession(kept)
	case len(data) > 0:
		*kept = append((*kept)[:0], data...)
	case kept != nil:
		c.SetSession(nil)
		buffers.Put(kept)
	}
}
