// Command nbio is the peer written with nbio v1.6.12: one poller, which runs the handlers itself.
//
//	nbio -addr 127.0.0.1:0 -mode ws|broadcast
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/lesismal/nbio/logging"
	"github.com/lesismal/nbio/nbhttp"
	"github.com/lesismal/nbio/nbhttp/websocket"
	"github.com/ropewalk/ropewalk/bench/internal/hub"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "listen address")
	mode := flag.String("mode", "ws", "ws or broadcast")
	flag.Parse()
	logging.SetLevel(logging.LevelError)

	u := websocket.NewUpgrader()
	u.KeepaliveTime = time.Hour
	switch *mode {
	case "ws":
		u.OnMessage(func(c *websocket.Conn, kind websocket.MessageType, data []byte) { c.WriteMessage(kind, data) })
	case "broadcast":
		var conns hub.Hub[*websocket.Conn]
		u.OnOpen(conns.Join)
		u.OnClose(func(c *websocket.Conn, _ error) { conns.Leave(c) })
		u.OnMessage(func(_ *websocket.Conn, kind websocket.MessageType, data []byte) {
			conns.Each(func(c *websocket.Conn) { c.WriteMessage(kind, data) })
		})
	default:
		log.Fatalf("no mode %q", *mode)
	}
	ready := make(chan net.Addr, 1)
	engine := nbhttp.NewEngine(nbhttp.Config{
		Network: "tcp",
		Addrs:   []string{*addr},
		NPoller: 1,
		// not only of requests: members of a broadcast who say nothing are closed after it
		KeepaliveTime: time.Hour,
		Listen: func(network, addr string) (net.Listener, error) {
			l, err := net.Listen(network, addr)
			if err == nil {
				ready <- l.Addr()
			}
			return l, err
		},
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
	fmt.Fprintf(os.Stderr, "listening on %s\n", <-ready)
	select {}
}
