//go:build linux

package transport_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/transport"
)

var quiet = slog.New(slog.DiscardHandler)

// A server of frames, four bytes of length and the payload, which it sends back; and a client of it.
func Example() {
	ctx := context.Background()
	frames := codec.LengthField{Max: 1 << 20}.Framer()

	server := transport.Server{Addr: "127.0.0.1:0", Logger: quiet, Accept: pipeline.New(func() []pipeline.Stage {
		return []pipeline.Stage{codec.Frames(frames), pipeline.Serve(
			func(c *pipeline.Ctx[*buffer.Buf], payload *buffer.Buf) error { return c.Write(payload) })}
	})}
	running, err := server.Start(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer running.Shutdown(ctx)

	replies := make(chan string)
	client := transport.Client{Logger: quiet}
	defer client.Close(ctx)
	remote, err := client.Dial(ctx, "tcp", running.Addr().String(), pipeline.New(func() []pipeline.Stage {
		return []pipeline.Stage{codec.Frames(frames), pipeline.Serve(
			func(c *pipeline.Ctx[*buffer.Buf], reply *buffer.Buf) error {
				defer reply.Release()
				replies <- reply.Text(0, reply.Len())
				return nil
			})}
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, text := range []string{"strands", "laid into rope"} {
		b := buffer.Default.Alloc(64)
		b.PutUint32(uint32(len(text))) // a Remote is below the stages: it takes bytes of the wire
		b.PutString(text)
		remote.Write(b)
		fmt.Println(<-replies)
	}
	// Output:
	// strands
	// laid into rope
}

// upper is a sink without a pipeline: it answers input in upper case.
type upper struct{ ch *channel.Channel }

func (s *upper) Open(ch *channel.Channel) error { s.ch = ch; return nil }
func (s *upper) ReadDone() error                { return nil }
func (s *upper) EOF() error                     { return nil }
func (s *upper) Writable() error                { return nil }
func (s *upper) Closed(error)                   {}

func (s *upper) Read(b *buffer.Buf) error {
	for i := range b.Len() {
		if c := b.At(i); 'a' <= c && c <= 'z' {
			b.SetAt(i, c-'a'+'A')
		}
	}
	return s.ch.Write(b)
}

// A server without a pipeline, and a peer from package net.
func ExampleServer() {
	server := transport.Server{
		Addr:   "127.0.0.1:0",
		Logger: quiet,
		Accept: func(*channel.Channel) channel.Sink { return new(upper) },
	}
	running, err := server.Start(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	peer := dial(running.Addr())
	fmt.Fprint(peer, "hello, ")
	fmt.Fprint(peer, "loop")
	peer.CloseWrite() // the server answers, and ends its side too
	reply, _ := io.ReadAll(peer)
	fmt.Printf("%s\n", reply)
	peer.Close()
	fmt.Println(running.Shutdown(context.Background()))
	// Output:
	// HELLO, LOOP
	// <nil>
}

func dial(addr net.Addr) *net.TCPConn {
	c, err := net.DialTCP("tcp", nil, addr.(*net.TCPAddr))
	if err != nil {
		panic(err)
	}
	return c
}
