package main

import (
	_ "embed"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/codec/websocket"
	"github.com/ropewalk/ropewalk/examples/internal/page"
	"github.com/ropewalk/ropewalk/pipeline"
)

//go:embed chat.html
var chatHTML []byte

// limits bound what clients can cause.
type limits struct {
	rooms   int // at a time
	members int // of a room
	name    int // characters of the name of a room or member
	text    int // characters of what is said
	history int // events that a newcomer is told
	backlog int // bytes that may wait for a member before it is out
	// A member may say burst things at once, and one more every pace.
	burst int
	pace  time.Duration
}

var defaults = limits{
	rooms: 1000, members: 500, name: 32, text: 1000, history: 50, backlog: 256 << 10, burst: 10, pace: 200 * time.Millisecond,
}

// A chat is all that the server has to offer.
type chat struct {
	limits  limits
	http    http1.Server
	sockets websocket.Server
	page    page.Page
	hub     hub
}

func newChat(l limits) *chat {
	return &chat{
		limits: l,
		http:   http1.Server{Limits: http1.Limits{Body: 1 << 10}, Name: "ropewalk"},
		sockets: websocket.Server{
			Limits:   websocket.Limits{Message: int64(l.text)*12 + 100}, // JSON may take that many bytes for a character
			Timeouts: websocket.Timeouts{Message: 30 * time.Second},
		},
		page: page.New(chatHTML),
		hub:  hub{limits: l, rooms: make(map[string]*room)},
	}
}

// accept returns the function that makes the pipeline of each connection.
func (s *chat) accept() func(*channel.Channel) channel.Sink {
	return pipeline.New(func() []pipeline.Stage {
		return []pipeline.Stage{s.http.Stage(), http1.Serve(s.serve)}
	})
}

// serve answers a request.
func (s *chat) serve(c *http1.Ctx, r *http1.Request) error {
	switch string(r.Path()) {
	case "/":
		return s.page.Serve(c, r)
	case "/chat":
		query, err := url.ParseQuery(string(r.Query()))
		room, who := strings.TrimSpace(query.Get("room")), strings.TrimSpace(query.Get("name"))
		if err != nil || !s.limits.isName(room) || !s.limits.isName(who) {
			return c.Write(r.Text(400, "A room and a name are needed, /chat?room=NAME&name=WHO, of letters, digits, and - _ . between them.\n"))
		}
		return s.sockets.Upgrade(c, r, &member{hub: &s.hub, roomName: room, name: who})
	}
	return c.Write(r.Error(404))
}

// isName tells whether a room or member may be called so: by characters that can be seen, and single spaces between them.
func (l limits) isName(name string) bool {
	if name == "" || !utf8.ValidString(name) || utf8.RuneCountInString(name) > l.name || strings.Contains(name, "  ") {
		return false
	}
	return !strings.ContainsFunc(name, func(c rune) bool {
		return !unicode.In(c, unicode.L, unicode.M, unicode.N) && !strings.ContainsRune(" -_.", c)
	})
}
