package websocket

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline"
)

// A Client makes WebSockets of connections to a server. One value serves any number of channels on any number of loops; its
// fields must not change after the first call of a method. The zero value is ready to use.
type Client struct {
	// Limits and Timeouts bound what servers may send, and how long they may take.
	Limits   Limits
	Timeouts Timeouts
	// Handshake is how long the server may take for its part of the handshake. Zero means 30 s, negative means for ever.
	Handshake time.Duration
	// Stream and Control are as in Server.
	Stream, Control bool
	// Protocols are the subprotocols to choose from, the best one first.
	Protocols []string
	// Deflate offers compression.
	Deflate *Deflate
	// Header, if not nil, adds fields to the request: Origin, Cookie, Authorization.
	Header func(h *http1.Header)
	// Failed, if not nil, is called on the channel's loop when it is closed and there was no WebSocket: with a *HandshakeError,
	// ErrHandshakeTimeout, or how the connection broke.
	Failed func(ch *channel.Channel, err error)

	once sync.Once
	set  *settings
}

func (c *Client) settings() *settings {
	c.once.Do(func() {
		for _, p := range c.Protocols {
			if !isToken(p) {
				panic("websocket: Client.Protocols: " + p + " is not a token")
			}
		}
		c.set = prepare(c.Limits, c.Timeouts, c.Deflate, c.Stream)
		c.set.control, c.set.client = c.Control, true
	})
	return c.set
}

// Stage returns the stage of a connection whose handshake somebody else has made, without extensions. It fires and
// takes Message.
func (c *Client) Stage() pipeline.Stage { return &conn{set: c.settings()} }

// Stages returns the stages of a channel that asks the server at its other end for a WebSocket. host is what the request says
// in Host: a name, and a port unless it is the usual one. target is the path, with the query.
//
// When the server agrees, stages take the place of those returned, behind the stage of the WebSocket: the first of them takes
// Message, and may write from its method Open on. If not, the channel closes with a *HandshakeError, and Failed is called.
func (c *Client) Stages(host, target string, stages ...pipeline.Stage) []pipeline.Stage {
	c.settings()
	return []pipeline.Stage{new(http1.Client).Stage(), &asking{client: c, host: host, target: target, with: stages}}
}

// A HandshakeError says why a server has not become the other side of a WebSocket. It is the cause of the end of the channel.
type HandshakeError struct {
	// Status is that of the server's answer.
	Status int
	// What is wrong with it, in a few words.
	What string
}

func (e *HandshakeError) Error() string {
	return fmt.Sprintf("websocket: handshake failed: %s (status %d)", e.What, e.Status)
}

// ErrHandshakeTimeout is the cause of a connection whose server did not answer a handshake within Client.Handshake.
var ErrHandshakeTimeout = errors.New("websocket: server does not answer the handshake")

// asking is the stage of a client that waits for the answer to its handshake.
type asking struct {
	http1.ClientCtx
	client       *Client
	host, target string
	key          [keySize]byte
	with         []pipeline.Stage
	timer        *channel.Timer
	done         bool
}

// Open sends the request, RFC 6455 section 4.1.
func (a *asking) Open() error {
	if d := orDefault(a.client.Handshake, 30*time.Second); d > 0 {
		a.timer = a.Channel().AfterFunc(d, func() { a.Channel().Abort(ErrHandshakeTimeout) })
	}
	var nonce [16]byte
	rand.Read(nonce[:])
	base64.StdEncoding.Encode(a.key[:], nonce[:])
	r := http1.NewRequest("GET", a.target)
	r.Header.Add("Host", a.host)
	r.Header.Add("Upgrade", "websocket")
	r.Header.Add("Connection", "Upgrade")
	r.Header.AddBytes("Sec-WebSocket-Key", a.key[:])
	r.Header.Add("Sec-WebSocket-Version", version)
	if p := a.client.Protocols; len(p) > 0 {
		r.Header.Add("Sec-WebSocket-Protocol", strings.Join(p, ", "))
	}
	if d := a.client.set.deflate; d != nil {
		offer := d.offer()
		r.Header.Add("Sec-WebSocket-Extensions", offer.String())
	}
	if a.client.Header != nil {
		a.client.Header(&r.Header)
	}
	return a.Write(r)
}

// Read takes the server's answer.
func (a *asking) Read(r *http1.Response) error {
	if r.Status != 101 {
		return &HandshakeError{r.Status, "server refuses: " + http1.StatusText(r.Status)}
	}
	ws := &conn{set: a.client.set}
	if err := a.check(r, ws); err != nil {
		return err
	}
	if err := r.Upgrade(append([]pipeline.Stage{ws}, a.with...)...); err != nil {
		return err
	}
	a.done = true
	return nil
}

// check checks the server's answer, RFC 6455 section 4.1, and gives ws what was agreed on.
func (a *asking) check(r *http1.Response, ws *conn) error {
	bad := func(what string) error { return &HandshakeError{r.Status, what} }
	if upgrade, n := only(r.Header.Values("Upgrade")); n != 1 || !bytes.EqualFold(upgrade, []byte("websocket")) {
		return bad("server upgrades to something else")
	}
	if !r.Header.HasToken("Connection", "upgrade") {
		return bad("Connection does not name Upgrade")
	}
	want := acceptKey(a.key)
	if accept, n := only(r.Header.Values("Sec-WebSocket-Accept")); n != 1 || !bytes.Equal(accept, want[:]) {
		return bad("Sec-WebSocket-Accept is not the answer to the key")
	}
	switch protocol, n := only(r.Header.Values("Sec-WebSocket-Protocol")); {
	case n == 0:
	case n > 1 || !slices.Contains(a.client.Protocols, string(protocol)):
		return bad("server chooses a subprotocol that was not offered")
	default:
		ws.extras().protocol = string(protocol)
	}
	answers, ok := parseExtensions(r.Header.Values("Sec-WebSocket-Extensions"))
	switch {
	case !ok:
		return bad("Sec-WebSocket-Extensions is malformed")
	case len(answers) == 0:
		return nil
	case len(answers) > 1 || a.client.set.deflate == nil || answers[0].name != deflateName:
		return bad("server uses an extension that was not offered")
	}
	state, ok := a.client.set.deflate.accepted(answers[0])
	if !ok {
		return bad("server uses permessage-deflate in a way that was not offered")
	}
	ws.extras().deflate = state
	return nil
}

// Closed stops the clock.
func (a *asking) Closed(cause error) {
	if a.timer != nil {
		a.timer.Stop()
	}
	if failed := a.client.Failed; failed != nil && !a.done {
		if cause == nil {
			cause = io.ErrUnexpectedEOF
		}
		failed(a.Channel(), cause)
	}
}
