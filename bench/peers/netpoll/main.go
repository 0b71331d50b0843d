// Command netpoll is the peer written with cloudwego/netpoll v0.7.2: one poller, which reads, and a goroutine for each connection
// that has something to answer.
//
//	netpoll -addr 127.0.0.1:0 -mode raw|frame|fan|fanqueue [-max BYTES] [-loops N] [-gopool]
//
// Bytes go from the connection's LinkBuffer to its writer without a copy, or with one where netpoll makes it (up to 4 KiB),
// as its guide shows: Next, WriteBinary, Flush, Release. All frames that are there leave in one Flush. Handlers are run by
// "go", which the guide recommends where stacks do not grow; -gopool is the default of netpoll.
//
// In fan mode who received a frame writes it to each connection, one after the other; in fanqueue it goes into the ShardQueue of
// each, which netpoll has for writers on several goroutines.
package main

import (
	"context"
	"encoding/binary"
	"flag"
	"log"
	"net"

	"github.com/cloudwego/netpoll"
	"github.com/ropewalk/ropewalk/bench/internal/peer"
)

// A server has the options of all connections.
type server struct {
	limit int
	room  room
}

func main() {
	gopool := flag.Bool("gopool", false, "run handlers in netpoll's pool of goroutines")
	o := peer.Parse("raw", "frame", "fan", "fanqueue")
	settings := netpoll.Config{PollerNum: o.Loops}
	if !*gopool {
		settings.Runner = func(_ context.Context, f func()) { go f() }
	}
	if err := netpoll.Configure(settings); err != nil {
		log.Fatal(err)
	}
	l, err := net.Listen("tcp", o.Addr)
	if err != nil {
		log.Fatal(err)
	}
	s := &server{limit: o.Max}
	handler := map[string]netpoll.OnRequest{"raw": raw, "frame": s.frames, "fan": s.fan, "fanqueue": s.fan}[o.Mode]
	var options []netpoll.Option
	if o.Mode == "fan" || o.Mode == "fanqueue" {
		s.room.queued = o.Mode == "fanqueue"
		options = append(options, netpoll.WithOnPrepare(s.room.join))
	}
	loop, err := netpoll.NewEventLoop(handler, options...)
	if err != nil {
		log.Fatal(err)
	}
	peer.Announce(l.Addr())
	log.Fatal(loop.Serve(l))
}

// raw sends back what is there.
func raw(_ context.Context, c netpoll.Connection) error {
	r, w := c.Reader(), c.Writer()
	p, err := r.Next(r.Len())
	if err != nil {
		return err
	}
	if _, err := w.WriteBinary(p); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return r.Release()
}

// frames answers each frame that is there, and all of them by one Flush. It waits for the rest of a frame if it has nothing
// else to do: netpoll keeps the goroutine until it has come.
func (s *server) frames(_ context.Context, c netpoll.Connection) error {
	w := c.Writer()
	err := s.each(c, func(frame []byte) error {
		_, err := w.WriteBinary(frame)
		return err
	})
	if err != nil {
		c.Close()
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return c.Reader().Release()
}

type tooLong struct{}

func (tooLong) Error() string { return "a frame is too long" }

// each calls f for each frame that is there, and waits for the first one. A frame is valid until Release.
func (s *server) each(c netpoll.Connection, f func([]byte) error) error {
	r := c.Reader()
	for waited := false; ; waited = true {
		if waited && r.Len() < 4 {
			return nil
		}
		head, err := r.Peek(4)
		if err != nil {
			return err
		}
		size := binary.BigEndian.Uint32(head)
		if uint64(size) > uint64(s.limit) {
			return tooLong{}
		}
		whole := 4 + int(size)
		if waited && r.Len() < whole {
			return nil
		}
		frame, err := r.Next(whole)
		if err != nil {
			return err
		}
		if err := f(frame); err != nil {
			return err
		}
	}
}
