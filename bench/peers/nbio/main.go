// Command nbio is the peer written with nbio v1.6.12: one poller, which runs the handlers itself.
//
//	nbio -addr 127.0.0.1:0 -mode ws|broadcast|raw|frame|fan [-max BYTES] [-loops N]
//
// ws and broadcast are WebSocket on its HTTP server; the others are its TCP alone, level-triggered, as it comes.
package main

import (
	"log"
	"net"
	"net/http"
	"time"

	"github.com/lesismal/nbio/logging"
	"github.com/lesismal/nbio/nbhttp"
	"github.com/lesismal/nbio/nbhttp/websocket"
	"github.com/ropewalk/ropewalk/bench/internal/hub"
	"github.com/ropewalk/ropewalk/bench/internal/peer"
)

func main() {
	o := peer.Parse("ws", "broadcast", "raw", "frame", "fan")
	logging.SetLevel(logging.LevelError)
	if o.Mode == "ws" || o.Mode == "broadcast" {
		serveWebSocket(o)
	} else {
		serveTCP(o)
	}
}

// listener returns what opens the listening socket, and tells where it is.
func listener(ready chan<- net.Addr) func(network, addr string) (net.Listener, error) {
	return func(network, addr string) (net.Listener, error) {
		l, err := net.Listen(network, addr)
		if err == nil {
			ready <- l.Addr()
		}
		return l, err
	}
}

func serveWebSocket(o peer.Options) {
	u := websocket.NewUpgrader()
	u.KeepaliveTime = time.Hour
	switch o.Mode {
	case "ws":
		u.OnMessage(func(c *websocket.Conn, kind websocket.MessageType, data []byte) { c.WriteMessage(kind, data) })
	case "broadcast":
		var conns hub.Hub[*websocket.Conn]
		u.OnOpen(conns.Join)
		u.OnClose(func(c *websocket.Conn, _ error) { conns.Leave(c) })
		u.OnMessage(func(_ *websocket.Conn, kind websocket.MessageType, data []byte) {
			conns.Each(func(c *websocket.Conn) { c.WriteMessage(kind, data) })
		})
	}
	ready := make(chan net.Addr, 1)
	engine := nbhttp.NewEngine(nbhttp.Config{
		Network: "tcp",
		Addrs:   []string{o.Addr},
		NPoller: o.Loops,
		// not only of requests: members of a broadcast who say nothing are closed after it
		KeepaliveTime:           time.Hour,
		Listen:                  listener(ready),
		ServerExecutor:          func(f func()) { f() },
		ReleaseWebsocketPayload: true,
		// not in pieces of 32 KiB
		MaxWebsocketFramePayloadSize: 1 << 20,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			u.Upgrade(w, r, nil)
		}),
	})
	if err := engine.Start(); err != nil {
		log.Fatal(err)
	}
	peer.Announce(<-ready)
	select {}
}
