package main

import (
	"github.com/panjf2000/gnet/v2"
	"github.com/ropewalk/ropewalk/bench/internal/peer"
)

func (s *server) OnOpen(c gnet.Conn) ([]byte, gnet.Action) {
	if s.mode == "fan" {
		s.conns.Join(c)
	}
	return nil, gnet.None
}

func (s *server) OnClose(c gnet.Conn, _ error) gnet.Action {
	switch {
	case s.mode != "fan":
	case s.fanning:
		s.gone = append(s.gone, c)
	default:
		s.conns.Leave(c)
	}
	return gnet.None
}

// fan sends the frames at the front of data to everybody.
func (s *server) fan(c gnet.Conn, data []byte) gnet.Action {
	whole := 0
	for {
		size, ok := peer.Frame(data[whole:], s.limit)
		if !ok {
			return gnet.Close
		}
		if size == 0 {
			break
		}
		frame := data[whole : whole+size]
		if s.loops > 1 {
			frame = append([]byte(nil), frame...) // other loops write it later
			s.conns.Each(func(to gnet.Conn) { to.AsyncWrite(frame, nil) })
		} else {
			s.toAll(frame)
		}
		whole += size
	}
	c.Discard(whole)
	return gnet.None
}

// toAll writes a frame to everybody, on the only loop. A Write that fails closes its connection, and calls OnClose.
func (s *server) toAll(frame []byte) {
	s.fanning = true
	s.conns.Each(func(to gnet.Conn) { to.Write(frame) })
	s.fanning = false
	for _, c := range s.gone {
		s.conns.Leave(c)
	}
	s.gone = s.gone[:0]
}
