package websocket

import (
	"slices"
	"sync"

	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline"
)

// A Server turns requests into WebSockets. One value serves any number of channels on any number of loops; its fields must not
// change after the first call of a method. The zero value is ready to use.
type Server struct {
	// Limits and Timeouts bound what clients may send, and how long they may take.
	Limits   Limits
	Timeouts Timeouts
	// Stream passes on messages in pieces as they come, see Message; but those that are compressed as a whole. By default all
	// are passed on as a whole.
	Stream bool
	// Control delivers Ping, Pong and Close too, after they were answered. By default the handler gets Text and Binary only.
	Control bool
	// Protocols are the subprotocols that the server speaks. The first one of the client's list that is among them is chosen.
	// If there is none, none is: see Protocol.
	Protocols []string
	// CheckOrigin tells whether a page may open a WebSocket, by the field Origin of the request. Nil means SameOrigin. Who
	// permits other origins must know users by something else than cookies, which browsers send along whatever the page.
	CheckOrigin func(r *http1.Request) bool
	// Deflate turns compression on.
	Deflate *Deflate

	once sync.Once
	set  *settings
}

func (s *Server) settings() *settings {
	s.once.Do(func() {
		for _, p := range s.Protocols {
			if !isToken(p) {
				panic("websocket: Server.Protocols: " + p + " is not a token")
			}
		}
		s.set = prepare(s.Limits, s.Timeouts, s.Deflate, s.Stream)
		s.set.control = s.Control
	})
	return s.set
}

// Stage returns the stage of a connection whose handshake somebody else has made, without extensions. It fires and
// takes Message.
func (s *Server) Stage() pipeline.Stage { return &conn{set: s.settings()} }

// IsUpgrade tells whether a request asks for a WebSocket: for handlers that also answer others. Whether it does so properly is
// for Upgrade to say.
func IsUpgrade(r *http1.Request) bool {
	return r.Header.HasToken("Upgrade", "websocket") && r.Header.HasToken("Connection", "upgrade")
}

// Upgrade accepts the handshake in r: it answers with 101, and replaces the stage of the HTTP server and all behind it
// by that of a WebSocket, which fires and takes Message, and stages. It is called in the place of writing a response.
//
// A request that is no proper handshake, or comes from a page that may not, is answered with a status that says so, and
// nil is returned: stages are not used then. An error is returned if stages do not fit, or nothing can be written.
func (s *Server) Upgrade(c *http1.Ctx, r *http1.Request, stages ...pipeline.Stage) error {
	set := s.settings()
	h, no := readHandshake(r)
	if no == nil {
		if check := s.CheckOrigin; check != nil && !check(r) || check == nil && !SameOrigin(r) {
			no = &refusal{status: 403, what: "a page of another origin may not do this"}
		}
	}
	if no != nil {
		return c.Write(no.response(r))
	}
	resp := r.Reply(101)
	resp.Header.Add("Upgrade", "websocket")
	resp.Header.Add("Connection", "Upgrade")
	answer := acceptKey(h.key)
	resp.Header.AddBytes("Sec-WebSocket-Accept", answer[:])
	ws := &conn{set: set}
	for _, p := range h.protocols {
		if slices.Contains(s.Protocols, p) {
			resp.Header.Add("Sec-WebSocket-Protocol", p)
			ws.extras().protocol = p
			break
		}
	}
	if set.deflate != nil {
		if answer, state := set.deflate.accept(h.extensions); state.on {
			resp.Header.Add("Sec-WebSocket-Extensions", answer)
			ws.extras().deflate = state
		}
	}
	return r.Upgrade(resp, append(append(make([]pipeline.Stage, 0, 1+len(stages)), ws), stages...)...)
}

// Protocol returns the subprotocol that was agreed on for the connection that c belongs to, empty if there is none. It must be
// called on the connection's loop.
func Protocol(c *Ctx) string {
	if s := find(c.Channel()); s != nil && s.extra != nil {
		return s.extra.protocol
	}
	return ""
}

// Compresses tells whether compression was agreed on for the connection that c belongs to. It must be called on the
// connection's loop.
func Compresses(c *Ctx) bool {
	s := find(c.Channel())
	return s != nil && s.extra != nil && s.extra.deflate.on
}
