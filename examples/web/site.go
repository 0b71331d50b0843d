package main

import (
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/codec/http1/static"
	"github.com/ropewalk/ropewalk/codec/websocket"
	"github.com/ropewalk/ropewalk/pipeline"
)

// maxMessage is the largest body of a request, and the largest message of a WebSocket, in bytes.
const maxMessage = 16 << 20

// marks let an answer of /echo through, which is a third larger than the body it tells of, and one large message behind another.
var marks = channel.Watermark{Max: 4 * maxMessage}

// A site is all that the server has to offer.
type site struct {
	http  http1.Server
	files *static.Files
	echo  websocket.Server
	live  *live
}

// open returns the site with the files of a directory.
func open(root string) (*site, error) {
	files, err := static.Open(root, static.Options{
		// A library does not tell the world what is in a directory unless it is asked to. This program is asked to: people run
		// it to look at a folder, and one without index.html would else begin with "403 Forbidden".
		List:          true,
		Precompressed: true,
		Header:        []static.Field{{Name: "X-Content-Type-Options", Value: "nosniff"}},
	})
	if err != nil {
		return nil, err
	}
	return &site{
		http:  http1.Server{Limits: http1.Limits{Body: maxMessage}, Stream: true, Name: "ropewalk"}, // only /echo wants bodies
		files: files,
		echo: websocket.Server{
			Limits:      websocket.Limits{Message: maxMessage},
			Deflate:     &websocket.Deflate{Takeover: true, PeerTakeover: true}, // all that a client may ask for
			CheckOrigin: websocket.AnyOrigin,                                    // it knows nothing that a page could steal
		},
		live: newLive(),
	}, nil
}

// Close closes the files.
func (s *site) Close() error { return s.files.Close() }

// accept returns the function that makes the pipeline of each connection.
func (s *site) accept() func(*channel.Channel) channel.Sink {
	return pipeline.New(func() []pipeline.Stage {
		return []pipeline.Stage{s.http.Stage(), http1.Serve(s.serve)}
	})
}

// serve answers a request.
func (s *site) serve(c *http1.Ctx, r *http1.Request) error {
	count(c.Channel())
	switch string(r.Path()) {
	case "/echo":
		r.Collect(func() error { return echo(c, r) })
		return nil
	case "/ws":
		return s.echo.Upgrade(c, r, websocket.Serve(sendBack))
	case "/live":
		return s.live.page.Serve(c, r)
	case "/live/ws":
		return s.live.sockets.Upgrade(c, r, &viewer{live: s.live})
	}
	return s.files.Serve(c, r)
}

// sendBack sends back a message of a WebSocket.
func sendBack(c *websocket.Ctx, m websocket.Message) error {
	count(c.Channel())
	return c.Write(m)
}
