// Command gnet is the peer written by hand for gnet v2.10.0, with one event
// loop.
//
//	gnet -addr 127.0.0.1:0 -mode raw|frame|frameflat [-max BYTES]
//
// In raw mode each read is answered by one Write. In frame mode each frame is
// answered by itself and all frames of a read leave in one Writev, as gnet's
// own examples do it. frameflat makes use of the accident that an echoed
// burst is the received burst, and answers it by one Write: the least gnet
// can do, and what the C floor does.
package main

import (
	"encoding/binary"
	"flag"
	"fmt"
	"log"
	"net"
	"os"

	"github.com/panjf2000/gnet/v2"
	"golang.org/x/sys/unix"
)

type server struct {
	gnet.BuiltinEventEngine
	mode   string
	limit  int
	frames [][]byte // the answers to one read; one loop, so one list will do
}

func main() {
	s := new(server)
	addr := flag.String("addr", "127.0.0.1:0", "listen address")
	flag.StringVar(&s.mode, "mode", "raw", "raw, frame or frameflat")
	flag.IntVar(&s.limit, "max", 1<<20, "longest payload of a frame")
	flag.Parse()
	log.Fatal(gnet.Run(s, "tcp://"+*addr,
		gnet.WithNumEventLoop(1), gnet.WithLockOSThread(true), gnet.WithTCPNoDelay(gnet.TCPNoDelay)))
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
		fmt.Fprintf(os.Stderr, "listening on %s:%d\n", net.IP(in.Addr[:]), in.Port)
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
	frames := s.frames[:0]
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
	s.frames = frames
	if whole == 0 {
		return gnet.None
	}
	if s.mode == "frameflat" {
		_, err = c.Write(data[:whole])
	} else {
		_, err = c.Writev(frames)
	}
	c.Discard(whole)
	return action(err)
}

func action(err error) gnet.Action {
	if err != nil {
		return gnet.Close
	}
	return gnet.None
}
