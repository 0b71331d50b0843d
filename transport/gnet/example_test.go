//go:build linux || darwin

package gnet_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	gnetv2 "github.com/panjf2000/gnet/v2"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/transport"
	"github.com/ropewalk/ropewalk/transport/gnet"
)

var quiet = slog.New(slog.DiscardHandler)

// lines is a pipeline that answers each line in upper case.
func lines() func(*channel.Channel) channel.Sink {
	return pipeline.New(func() []pipeline.Stage {
		return []pipeline.Stage{codec.Frames(codec.Line{Max: 80}.Framer()), pipeline.Serve(
			func(c *pipeline.Ctx[*buffer.Buf], line *buffer.Buf) error {
				for i := range line.Len() {
					if b := line.At(i); 'a' <= b && b <= 'z' {
						line.SetAt(i, b-'a'+'A')
					}
				}
				return c.Write(line)
			})}
	})
}

// A server on gnet: everything else is as on other engines.
func Example() {
	server := transport.Server{Addr: "127.0.0.1:0", Logger: quiet, Engine: gnet.Engine{}, Accept: lines()}
	running, err := server.Start(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	peer, err := net.Dial("tcp", running.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Fprint(peer, "strands\nlaid into rope\n")
	peer.(*net.TCPConn).CloseWrite()
	reply, _ := io.ReadAll(peer)
	fmt.Printf("%s", reply)
	peer.Close()
	fmt.Println(running.Shutdown(context.Background()))
	// Output:
	// STRANDS
	// LAID INTO ROPE
	// <nil>
}

// program is a handler of gnet's with an event of its own.
type program struct {
	gnet.Handler
	booted chan gnetv2.Engine
}

func (p *program) OnBoot(e gnetv2.Engine) gnetv2.Action {
	p.booted <- e
	return p.Handler.OnBoot(e)
}

// A program that runs gnet itself, with pipelines on its connections.
func ExampleHandler() {
	dir, err := os.MkdirTemp("", "rope")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	addr := filepath.Join(dir, "socket")

	p := &program{Handler: gnet.Handler{Accept: lines()}, booted: make(chan gnetv2.Engine, 1)}
	ended := make(chan error)
	go func() { ended <- gnetv2.Run(p, "unix://"+addr, gnetv2.WithLogger(gnet.Logger(quiet))) }()
	engine := <-p.booted

	peer, err := net.Dial("unix", addr)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Fprint(peer, "gnet\n")
	reply := make([]byte, 5)
	io.ReadFull(peer, reply)
	fmt.Printf("%s", reply)
	peer.Close()
	engine.Stop(context.Background())
	fmt.Println(<-ended)
	// Output:
	// GNET
	// <nil>
}
