package websocket_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/codec/websocket"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// A server that sends every message back. In a program, the function that pipeline.New returns is transport.Server.Accept.
func Example() {
	channeltest.Example(func(t testing.TB) {
		ws, web := &websocket.Server{}, &http1.Server{}
		echo := func(c *websocket.Ctx, m websocket.Message) error { return c.Write(m) }
		accept := pipeline.New(func() []pipeline.Stage {
			return []pipeline.Stage{web.Stage(), http1.Serve(func(c *http1.Ctx, r *http1.Request) error {
				return ws.Upgrade(c, r, websocket.Serve(echo))
			})}
		})

		peer := pipelinetest.Config{}.Accept(t, accept)
		peer.Feed("GET /live HTTP/1.1\r\nHost: example.org\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" +
			"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58") // a message may follow at once: Hello
		answer, frames, _ := strings.Cut(peer.Output(), "\r\n\r\n")
		for line := range strings.Lines(answer) {
			fmt.Println(strings.TrimSpace(line))
		}
		fmt.Printf("%q\n", frames)

		peer.Feed("\x88\x82\x00\x00\x00\x00\x03\xe8") // Close, 1000
		fmt.Printf("%q %v\n", peer.Output(), peer.Ended())
	})
	// Output:
	// HTTP/1.1 101 Switching Protocols
	// Upgrade: websocket
	// Connection: Upgrade
	// Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
	// "\x81\x05Hello"
	// "\x88\x02\x03\xe8" true
}

// greeter is the last stage of a client: it says hello, and ends the connection when it has got an answer.
type greeter struct{ websocket.Ctx }

func (g *greeter) Open() error { return websocket.WriteText(&g.Ctx, "Hello") }

func (g *greeter) Read(m websocket.Message) error {
	defer m.Release()
	fmt.Printf("%v: %s\n", m.Kind, m.Data.Bytes())
	return websocket.CloseWith(&g.Ctx, websocket.NormalClosure, "")
}

// A client and a server in one process. In a program, transport.Client.Dial is given pipeline.With(client.Stages(...)...).
func ExampleClient() {
	channeltest.Example(func(t testing.TB) {
		loop := channeltest.NewLoop(t)
		ws, web := &websocket.Server{}, &http1.Server{}
		server := pipelinetest.Config{Loop: loop}.New(t, web.Stage(), http1.Serve(func(c *http1.Ctx, r *http1.Request) error {
			return ws.Upgrade(c, r, websocket.Serve(func(c *websocket.Ctx, m websocket.Message) error {
				m.Release()
				return websocket.WriteText(c, "Hello yourself")
			}))
		}))
		client := pipelinetest.Config{Loop: loop}.New(t, new(websocket.Client).Stages("example.org", "/live", new(greeter))...)

		for range 4 { // what each of them sends is what the other one gets
			server.Feed(client.Output())
			client.Feed(server.Output())
		}
		fmt.Println(server.Ended())
	})
	// Output:
	// text: Hello yourself
	// true
}

// Whatever one member of the room says is sent to all of them.
func ExampleGroup() {
	channeltest.Example(func(t testing.TB) {
		loop := channeltest.NewLoop(t)
		room := &websocket.Group{Slow: websocket.Drop}
		var peers []*pipelinetest.Pipe
		for range 3 {
			talk := new(talker)
			talk.room = room
			peers = append(peers, pipelinetest.Config{Loop: loop}.New(t, new(websocket.Server).Stage(), talk))
		}
		peers[0].Feed("\x81\x82\x00\x00\x00\x00Hi")
		for _, p := range peers {
			fmt.Printf("%q\n", p.Output())
			p.Feed("\x88\x80\x00\x00\x00\x00")
		}
		fmt.Printf("%+v\n", room.Stats())
	})
	// Output:
	// "\x81\x02Hi"
	// "\x81\x02Hi"
	// "\x81\x02Hi"
	// {Members:0 Sent:3 Skipped:0 Dropped:0}
}

// talker is the last stage of a member.
type talker struct {
	websocket.Ctx
	room *websocket.Group
}

func (t *talker) Open() error { return t.room.Join(&t.Ctx) }

func (t *talker) Read(m websocket.Message) error { return t.room.Send(m.Kind, m.Data) }
