// Command gnet is the peer written by hand for gnet v2.10.0, with one event
// loop unless told otherwise.
//
//	gnet -addr 127.0.0.1:0 -mode raw|frame|framecopy|frameflat|fan [-max BYTES] [-loops N]
//
// In raw mode each read is answered by one Write. In frame mode each frame is
// answered by itself and all frames of a read leave in one Writev, as gnet's
// own examples do it. framecopy puts them together and answers by one Write,
// which is less for many short frames. frameflat makes use of the accident that an echoed
// burst is the received burst, and answers it by one Write: the least gnet
// can do, and what the C floor does.
//
// In fan mode a frame is written to each connection, with Write on the only
// loop, and with AsyncWrite if there are more.
package main

import (
	"encoding/binary"
	"log"
	"net"
	"sync"

	"github.com/panjf2000/gnet/v2"
	"github.com/ropewalk/ropewalk/bench/internal/hub"
	"github.com/ropewalk/ropewalk/bench/internal/peer"
	"golang.org/x/sys/unix"
)

type server struct {
	gnet.BuiltinEventEngine
	mode  string
	limit int
	loops int
	lists sync.Pool // of *[][]byte, the answers to one read
	one   [][]byte  // instead of it, if there is one loop
	rooms sync.Pool // of *[]byte, the answers to one read, put together
	conns hub.Hub[gnet.Conn]

	fanning bool        // of one loop: a broadcast is under way, and
	gone    []gnet.Conn // these were closed by it
}

func main() {
	o := peer.Parse("raw", "frame", "framecopy", "frameflat", "fan")
	s := &server{mode: o.Mode, limit: o.Max, loops: o.Loops}
	s.lists.New = func() any { return new([][]byte) }
	s.rooms.New = func() any { return new([]byte) }
	log.Fatal(gnet.Run(s, "tcp://"+o.Addr,
		gnet.WithNumEventLoop(o.Loops), gnet.WithLockOSThread(true), gnet.WithTCPNoDelay(gnet.TCPNoDelay)))
}

// OnBoot prints the line the orchestrator waits for.
func (s *server) OnBoot(e gnet.Engine) gnet.Action {
	fd, err := e.Dup()
	if err != nil {
		log.Fatal(err)
	}
	defer unix.Close(fd)
	sa, err := unix.Getsockname(fd)
	if err != nil {
		log.Fatal(err)
	}
	if in, ok := sa.(*unix.SockaddrInet4); ok {
		peer.Announce(&net.TCPAddr{IP: in.Addr[:], Port: in.Port})
	}
	return gnet.None
}

// OnTraffic answers what has been read.
func (s *server) OnTraffic(c gnet.Conn) gnet.Action {
	data, err := c.Peek(-1)
	if err != nil {
		return gnet.Close
	}
	if s.mode == "raw" {
		_, err = c.Write(data)
		c.Discard(len(data))
		return action(err)
	}
	if s.mode == "fan" {
		return s.fan(c, data)
	}
	list := &s.one
	if s.loops > 1 {
		list = s.lists.Get().(*[][]byte)
		defer s.lists.Put(list)
	}
	frames := (*list)[:0]
	whole := 0
	for rest := data; len(rest) >= 4; rest = data[whole:] {
		size := int(binary.BigEndian.Uint32(rest))
		if size > s.limit {
			return gnet.Close
		}
		if len(rest) < 4+size {
			break
		}
		frames = append(frames, rest[:4+size])
		whole += 4 + size
	}
	*list = frames
	if whole == 0 {
		return gnet.None
	}
	switch s.mode {
	case "framecopy":
		err = s.writeJoined(c, frames)
	case "frameflat":
		_, err = c.Write(data[:whole])
	default:
		_, err = c.Writev(frames)
	}
	c.Discard(whole)
	return action(err)
}

// writeJoined writes frames by one Write, which keeps a copy of what the peer does not take.
func (s *server) writeJoined(c gnet.Conn, frames [][]byte) error {
	if len(frames) == 1 {
		_, err := c.Write(frames[0])
		return err
	}
	room := s.rooms.Get().(*[]byte)
	defer s.rooms.Put(room)
	*room = (*room)[:0]
	for _, frame := range frames {
		*room = append(*room, frame...)
	}
	_, err := c.Write(*room)
	return err
}

func action(err error) gnet.Action {
	if err != nil {
		return gnet.Close
	}
	return gnet.None
}
