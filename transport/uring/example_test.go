//go:build linux

package uring_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/epoll"
	"github.com/ropewalk/ropewalk/transport/uring"
)

// echo is a sink that sends back what it gets.
type echo struct{ ch *channel.Channel }

func (e *echo) Open(ch *channel.Channel) error { e.ch = ch; return nil }
func (e *echo) Read(b *buffer.Buf) error       { return e.ch.Write(b) }
func (e *echo) ReadDone() error                { return nil }
func (e *echo) EOF() error                     { return nil }
func (e *echo) Writable() error                { return nil }
func (e *echo) Closed(error)                   {}

// An engine can be used without package transport, which does the same as this: it takes io_uring where there is one.
func Example() {
	config := engine.Config{Loops: 1, Logger: slog.New(slog.DiscardHandler)}
	group, err := uring.Engine{}.Start(config)
	if errors.Is(err, engine.ErrUnsupported) {
		group, err = epoll.Engine{}.Start(config)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	defer group.Close()
	listener, err := group.Listen(context.Background(), engine.ListenConfig{
		Network: "tcp", Addr: "127.0.0.1:0", MaxConns: 100, Options: channel.Options{}.Prepare(),
		Accept: func(*channel.Channel) channel.Sink { return new(echo) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	io.WriteString(conn, "hello")
	answer := make([]byte, 5)
	io.ReadFull(conn, answer)
	fmt.Printf("%s\n", answer)
	// Output: hello
}
