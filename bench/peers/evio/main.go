// Command evio is the peer written with tidwall/evio v1.0.8: one loop, which lends its buffer to the handler and copies the answer.
//
//	evio -addr 127.0.0.1:0 -mode raw|frame|fan [-max BYTES] [-loops N]
//
// An answer is what Data returns; evio writes it when the socket says that it is writable, which takes two more system calls to
// ask and to stop asking. InputStream keeps the start of a frame, as in evio's example of a Redis server. evio sets no
// TCP_NODELAY, and does not let its user do it.
//
// In fan mode a frame is noted for each connection, which is then woken. evio forgets what is still unsent of a connection when it
// is woken once more (loopWake), so this is right only as long as everybody takes a frame before the next one comes.
package main

import (
	"log"

	"github.com/ropewalk/ropewalk/bench/internal/peer"
	"github.com/tidwall/evio"
)

// A session is what a connection has.
type session struct {
	in  evio.InputStream
	out []byte // the answers to one read: evio has copied them when Data is called again
}

func main() {
	o := peer.Parse("raw", "frame", "fan")
	s := &server{limit: o.Max}
	events := evio.Events{
		NumLoops:    o.Loops,
		LoadBalance: evio.RoundRobin,
		Serving: func(e evio.Server) evio.Action {
			peer.Announce(e.Addrs[0])
			return evio.None
		},
		Opened: func(c evio.Conn) ([]byte, evio.Options, evio.Action) {
			if o.Mode != "raw" {
				c.SetContext(new(session))
			}
			return nil, evio.Options{ReuseInputBuffer: true}, evio.None
		},
	}
	switch o.Mode {
	case "raw":
		events.Data = raw
	case "frame":
		events.Data = s.frames
	case "fan":
		s.serveFan(&events)
	}
	log.Fatal(evio.Serve(events, "tcp://"+o.Addr))
}

// raw sends back what has been read.
func raw(_ evio.Conn, in []byte) ([]byte, evio.Action) { return in, evio.None }

type server struct {
	limit int
	room  room
}

// frames answers each frame by itself.
func (s *server) frames(c evio.Conn, in []byte) ([]byte, evio.Action) {
	own := c.Context().(*session)
	own.out = own.out[:0]
	action := s.each(own, in, func(frame []byte) { own.out = append(own.out, frame...) })
	return own.out, action
}

// each calls f for the whole frames of what has come.
func (s *server) each(own *session, in []byte, f func([]byte)) evio.Action {
	data := own.in.Begin(in)
	for {
		size, ok := peer.Frame(data, s.limit)
		if !ok {
			return evio.Close
		}
		if size == 0 {
			break
		}
		f(data[:size])
		data = data[size:]
	}
	own.in.End(data)
	return evio.None
}
