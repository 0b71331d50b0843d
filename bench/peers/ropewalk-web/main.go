// Command ropewalk-web is our server: what a program would be that does this and nothing else.
//
//	ropewalk-web -addr 127.0.0.1:0 -mode hello|files|ws|broadcast [-engine NAME] [-loops N] [-root DIR]
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os/signal"
	"syscall"

	"github.com/ropewalk/ropewalk/bench/internal/engines"
	"github.com/ropewalk/ropewalk/bench/internal/peer"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/codec/http1/static"
	"github.com/ropewalk/ropewalk/codec/websocket"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/transport"
)

func main() {
	root := flag.String("root", ".", "folder to serve")
	chosen := engines.Flag(flag.CommandLine)
	o := peer.Parse("hello", "files", "ws", "broadcast")
	handler, err := handlerOf(o.Mode, *root)
	if err != nil {
		log.Fatal(err)
	}
	web := &http1.Server{Name: "ropewalk"}
	server := transport.Server{
		Engine:       *chosen,
		Addr:         o.Addr,
		Loops:        o.Loops,
		DrainTimeout: -1,
		Accept: pipeline.New(func() []pipeline.Stage {
			return []pipeline.Stage{web.Stage(), http1.Serve(handler)}
		}),
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := server.ListenAndServe(ctx); err != nil {
		log.Fatal(err)
	}
}

type handler = func(*http1.Ctx, *http1.Request) error

func handlerOf(mode, root string) (handler, error) {
	switch mode {
	case "hello":
		return hello, nil
	case "files":
		files, err := static.Open(root, static.Options{})
		if err != nil {
			return nil, err
		}
		return files.Serve, nil
	case "ws":
		ws := new(websocket.Server)
		return func(c *http1.Ctx, r *http1.Request) error { return ws.Upgrade(c, r, websocket.Serve(echo)) }, nil
	case "broadcast":
		// Nobody is pinged: the members of the benchmark only listen, and count bytes.
		ws := &websocket.Server{Timeouts: websocket.Timeouts{Ping: -1, Idle: -1}}
		return func(c *http1.Ctx, r *http1.Request) error { return ws.Upgrade(c, r, new(member)) }, nil
	}
	return nil, fmt.Errorf("no mode %q", mode)
}

func hello(c *http1.Ctx, r *http1.Request) error { return c.Write(r.Text(200, "Hello, World!")) }

func echo(c *websocket.Ctx, m websocket.Message) error { return c.Write(m) }

var room websocket.Group

// A member says to all what it says.
type member struct{ websocket.Ctx }

func (m *member) Open() error { return room.Join(&m.Ctx) }

func (m *member) Read(message websocket.Message) error { return room.Send(message.Kind, message.Data) }
