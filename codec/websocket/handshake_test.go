package websocket_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/codec/websocket"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

const sampleKey = "dGhlIHNhbXBsZSBub25jZQ=="

// request returns a handshake. A field replaces that of the same name, or removes it if it has no value.
func request(fields ...string) string {
	all := []string{"Host: example.org", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: " + sampleKey}
	for _, f := range fields {
		name, value, _ := strings.Cut(f, ":")
		for i, g := range all {
			if strings.HasPrefix(g, name+":") {
				all[i] = ""
			}
		}
		if value != "" {
			all = append(all, f)
		}
	}
	text := "GET /live HTTP/1.1\r\n"
	for _, f := range all {
		if f != "" {
			text += f + "\r\n"
		}
	}
	return text + "\r\n"
}

// web returns the stages of a server that upgrades all requests.
func web(s *websocket.Server, stages func() []pipeline.Stage) []pipeline.Stage {
	return []pipeline.Stage{new(http1.Server).Stage(), http1.Serve(func(c *http1.Ctx, r *http1.Request) error {
		return s.Upgrade(c, r, stages()...)
	})}
}

func echoes() []pipeline.Stage { return []pipeline.Stage{echo()} }

// answer splits the answer to a handshake from what follows it.
func answer(t testing.TB, out string) (head, rest string) {
	t.Helper()
	head, rest, ok := strings.Cut(out, "\r\n\r\n")
	if !ok {
		t.Fatalf("no answer in %q", out)
	}
	return head + "\r\n", rest
}

// The handshake of RFC 6455 section 1.3, and others that are as good.
func TestUpgrade(t *testing.T) {
	for _, fields := range [][]string{
		nil,
		{"Connection: keep-alive, Upgrade"},
		{"Connection: keep-alive , uPgRaDe"},
		{"Upgrade: WebSocket"},
		{"Upgrade: h2c, websocket"},
		{"Origin: http://example.org"},
		{"Origin: https://EXAMPLE.org"},
		{"Origin: http://example.org:80"},
		{"Origin: https://example.org:8443", "Host: example.org:8443"},
		{"Sec-WebSocket-Extensions: x-unknown; a=b, permessage-deflate"}, // which is off
		{"Sec-WebSocket-Protocol: chat"},
	} {
		for _, way := range feedings(300) {
			p := pipelinetest.New(t, web(new(websocket.Server), echoes)...)
			way.feed(p, request(fields...)+masked(fin|text, "Hello")+masked(fin|ping, "x"))
			head, rest := answer(t, p.Output())
			if want := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
				"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"; head != want {
				t.Errorf("%q: answer %q", fields, head)
			}
			if rest != plain(fin|text, "Hello")+plain(fin|pong, "x") {
				t.Errorf("%q, %s: then %q", fields, way.name, rest)
			}
		}
	}
}

// Each way of not being a handshake is answered, and the connection stays one of HTTP.
func TestUpgradeRefused(t *testing.T) {
	replace := func(old, new string) string { return strings.Replace(request(), old, new, 1) }
	for _, c := range []struct {
		name, in string
		status   int
		field    string
	}{
		{"POST", replace("GET", "POST"), 405, "Allow: GET"},
		{"HTTP/1.0", replace("HTTP/1.1", "HTTP/1.0"), 400, ""},
		{"no Upgrade", request("Upgrade:"), 426, "Upgrade: websocket"},
		{"another Upgrade", request("Upgrade: h2c"), 426, "Upgrade: websocket"},
		{"no Connection", request("Connection:"), 426, "Upgrade: websocket"},
		{"another Connection", request("Connection: keep-alive"), 426, "Upgrade: websocket"},
		{"no version", request("Sec-WebSocket-Version:"), 426, "Sec-WebSocket-Version: 13"},
		{"version 8", request("Sec-WebSocket-Version: 8"), 426, "Sec-WebSocket-Version: 13"},
		{"versions", request("Sec-WebSocket-Version: 13, 8"), 426, "Sec-WebSocket-Version: 13"},
		{"two versions", replace("\r\n\r\n", "\r\nSec-WebSocket-Version: 13\r\n\r\n"), 426, "Sec-WebSocket-Version: 13"},
		{"no key", request("Sec-WebSocket-Key:"), 400, ""},
		{"empty key", request("Sec-WebSocket-Key: "), 400, ""},
		{"short key", request("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j"), 400, ""},
		{"long key", request("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZWQh"), 400, ""},
		{"key without padding", request("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ"), 400, ""},
		{"key with bits behind its end", request("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR=="), 400, ""},
		{"key in another alphabet", request("Sec-WebSocket-Key: dGhlIHNhbXBsZS-ub25jZQ=="), 400, ""},
		{"two keys", replace("\r\n\r\n", "\r\nSec-WebSocket-Key: "+sampleKey+"\r\n\r\n"), 400, ""},
		{"body", request("Content-Length: 2") + "{}", 400, ""},
		{"protocol twice", request("Sec-WebSocket-Protocol: a, b, a"), 400, ""},
		{"protocol malformed", request("Sec-WebSocket-Protocol: a b"), 400, ""},
		{"extension malformed", request("Sec-WebSocket-Extensions: permessage-deflate;"), 400, ""},
		{"other origin", request("Origin: http://evil.example"), 403, ""},
		{"other port", request("Origin: http://example.org:8080"), 403, ""},
		{"subdomain", request("Origin: http://a.example.org"), 403, ""},
		{"longer name", request("Origin: http://example.org.evil.example"), 403, ""},
		{"no origin", request("Origin: null"), 403, ""},
		{"empty origin", request("Origin: "), 403, ""},
		{"two origins", request("Origin: http://example.org\r\nOrigin: http://example.org"), 403, ""},
		{"other scheme", request("Origin: chrome-extension://example.org"), 403, ""},
		{"path in the origin", request("Origin: http://example.org/"), 403, ""},
	} {
		p := pipelinetest.New(t, web(&websocket.Server{Protocols: []string{"a"}}, echoes)...)
		p.Feed(c.in)
		head, _ := answer(t, p.Output())
		if !strings.HasPrefix(head, fmt.Sprintf("HTTP/1.1 %d ", c.status)) || !strings.Contains(head, c.field) {
			t.Errorf("%s: %q", c.name, head)
		}
		if p.Closed() || c.status == 101 {
			t.Errorf("%s: closed", c.name)
		}
		if !strings.Contains(c.in, "1.0") {
			p.Feed(request())
			if head, _ := answer(t, p.Output()); !strings.HasPrefix(head, "HTTP/1.1 101 ") {
				t.Errorf("%s: the next request is answered with %q", c.name, head)
			}
		}
	}
}

func TestCheckOrigin(t *testing.T) {
	only := func(r *http1.Request) bool { return r.Header.Text("Origin") == "https://app.example" }
	for _, c := range []struct {
		check  func(*http1.Request) bool
		origin string
		status int
	}{
		{only, "https://app.example", 101},
		{only, "http://example.org", 403},
		{websocket.AnyOrigin, "https://evil.example", 101},
		{websocket.SameOrigin, "https://evil.example", 403},
	} {
		p := pipelinetest.New(t, web(&websocket.Server{CheckOrigin: c.check}, echoes)...)
		p.Feed(request("Origin: " + c.origin))
		if head, _ := answer(t, p.Output()); !strings.HasPrefix(head, fmt.Sprintf("HTTP/1.1 %d ", c.status)) {
			t.Errorf("%s: %q", c.origin, head)
		}
	}
}

// The first subprotocol of the client's list that the server speaks is chosen.
func TestProtocol(t *testing.T) {
	for _, c := range []struct {
		server []string
		fields []string
		want   string
	}{
		{[]string{"b", "a"}, []string{"Sec-WebSocket-Protocol: x, a, b"}, "a"},
		{[]string{"a"}, []string{"Sec-WebSocket-Protocol: A"}, ""},
		{[]string{"a"}, nil, ""},
		{nil, []string{"Sec-WebSocket-Protocol: a"}, ""},
	} {
		var got string
		p := pipelinetest.New(t, web(&websocket.Server{Protocols: c.server}, func() []pipeline.Stage {
			return []pipeline.Stage{websocket.Serve(func(ctx *websocket.Ctx, m websocket.Message) error {
				got = websocket.Protocol(ctx)
				m.Release()
				return nil
			})}
		})...)
		p.Feed(request(c.fields...) + masked(fin|text, "x"))
		head, _ := answer(t, p.Output())
		p.Feed(masked(fin|rsv1|text, "x")) // no extension comes with it
		if code, _ := closeOf(p.Output()); code != 1002 {
			t.Errorf("%q, %q: RSV1 is accepted", c.server, c.fields)
		}
		if got != c.want || strings.Contains(head, "Sec-WebSocket-Protocol: "+c.want+"\r\n") != (c.want != "") {
			t.Errorf("%q, %q: chose %q, answer %q", c.server, c.fields, got, head)
		}
	}
}

// Stages that do not fit are an error of the handler, which answers with 500.
func TestUpgradeUnfit(t *testing.T) {
	p := pipelinetest.New(t, web(new(websocket.Server), func() []pipeline.Stage {
		return []pipeline.Stage{http1.Serve(func(*http1.Ctx, *http1.Request) error { return nil })}
	})...)
	p.Feed(request())
	if head, _ := answer(t, p.Output()); !strings.HasPrefix(head, "HTTP/1.1 500 ") {
		t.Errorf("%q", head)
	}
	p.EOF()
	if e := (*pipeline.LinkError)(nil); !errors.As(p.Cause(), &e) {
		t.Errorf("cause %v", p.Cause())
	}
}

// A pair is a client and a server that are connected.
type pair struct {
	server, client *pipelinetest.Pipe
}

// connect returns a client and a server on one loop, after their handshake.
func connect(t testing.TB, s *websocket.Server, c *websocket.Client, serve, ask []pipeline.Stage) pair {
	loop := channeltest.NewLoop(t)
	p := pair{
		pipelinetest.Config{Loop: loop}.New(t, web(s, func() []pipeline.Stage { return serve })...),
		pipelinetest.Config{Loop: loop}.New(t, c.Stages("example.org", "/live", ask...)...),
	}
	p.exchange()
	return p
}

// exchange gives each side what the other one has sent, until there is nothing.
func (p pair) exchange() (up, down int) {
	for {
		a, b := p.client.Output(), p.server.Output()
		if a == "" && b == "" {
			return up, down
		}
		up, down = up+len(a), down+len(b)
		if a != "" {
			p.server.Feed(a)
		}
		if b != "" {
			p.client.Feed(b)
		}
	}
}

func TestClientHandshake(t *testing.T) {
	in := new(inbox)
	c := &websocket.Client{Protocols: []string{"v2", "v1"}, Header: func(h *http1.Header) { h.Add("Origin", "http://example.org") }}
	p := connect(t, &websocket.Server{Protocols: []string{"v1"}}, c, echoes(), []pipeline.Stage{in})
	if got := websocket.Protocol(&in.Ctx); got != "v1" {
		t.Errorf("protocol %q", got)
	}
	p.client.Do(func(*channel.Channel) { websocket.WriteText(&in.Ctx, "Hello") })
	p.exchange()
	if got := in.take(); len(got) != 1 || got[0] != "text:Hello" {
		t.Errorf("got %q", got)
	}
	p.client.Do(func(*channel.Channel) { websocket.CloseWith(&in.Ctx, websocket.NormalClosure, "") })
	p.exchange()
	if !p.server.Ended() || p.client.Ended() {
		t.Errorf("server ended %v, client ended %v: the server shall be first", p.server.Ended(), p.client.Ended())
	}
	p.client.EOF()
	p.server.EOF()
	if !in.done || in.cause != nil || p.server.Cause() != nil {
		t.Errorf("done %v, causes %v, %v", in.done, in.cause, p.server.Cause())
	}
}

// A server that does not keep to the handshake is no WebSocket.
func TestClientRefuses(t *testing.T) {
	for _, c := range []struct{ name, status, fields, what string }{
		{"404", "404 Not Found", "", "server refuses: Not Found"},
		{"redirect", "302 Found", "Location: /other\r\n", "server refuses: Found"},
		{"no Upgrade", "101 OK", "Connection: Upgrade\r\nSec-WebSocket-Accept: KEY\r\n", "something else"},
		{"another Upgrade", "101 OK", "Upgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: KEY\r\n", "something else"},
		{"no Connection", "101 OK", "Upgrade: websocket\r\nSec-WebSocket-Accept: KEY\r\n", "Connection"},
		{"no key", "101 OK", "Upgrade: websocket\r\nConnection: Upgrade\r\n", "Sec-WebSocket-Accept"},
		{"wrong key", "101 OK", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n",
			"Sec-WebSocket-Accept"},
		{"extension", "101 OK", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: KEY\r\n" +
			"Sec-WebSocket-Extensions: permessage-deflate\r\n", "extension that was not offered"},
		{"protocol", "101 OK", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: KEY\r\n" +
			"Sec-WebSocket-Protocol: other\r\n", "subprotocol"},
	} {
		var failed error
		client := &websocket.Client{Protocols: []string{"mine"}, Failed: func(_ *channel.Channel, err error) { failed = err }}
		in := new(inbox)
		p := pipelinetest.New(t, client.Stages("example.org", "/live", in)...)
		asked := p.Output()
		_, key, _ := strings.Cut(asked, "Sec-WebSocket-Key: ")
		key, _, _ = strings.Cut(key, "\r\n")
		p.Feed("HTTP/1.1 " + c.status + "\r\n" + strings.ReplaceAll(c.fields, "KEY", acceptOf(key)) + lengthOf(c.status) + "\r\n")
		p.EOF()
		if e := (*websocket.HandshakeError)(nil); !errors.As(failed, &e) || !strings.Contains(e.Error(), c.what) {
			t.Errorf("%s: %v", c.name, failed)
		}
		if in.done {
			t.Errorf("%s: stages that were never opened are closed", c.name)
		}
	}
}

func lengthOf(status string) string {
	if strings.HasPrefix(status, "101") {
		return ""
	}
	return "Content-Length: 0\r\n"
}

func TestClientHandshakeTimeout(t *testing.T) {
	var failed error
	client := &websocket.Client{Handshake: 7 * time.Second, Failed: func(_ *channel.Channel, err error) { failed = err }}
	p := pipelinetest.New(t, client.Stages("example.org", "/", echo())...)
	p.Advance(6 * time.Second)
	if p.Closed() {
		t.Error("closed too early")
	}
	p.Advance(2 * time.Second)
	if !p.Aborted() || !errors.Is(failed, websocket.ErrHandshakeTimeout) {
		t.Errorf("aborted %v, %v", p.Aborted(), failed)
	}
}

// A client whose server does not end the connection after the close handshake does so itself.
func TestClientWaitsForEnd(t *testing.T) {
	in := new(inbox)
	p := pipelinetest.New(t, new(websocket.Client).Stage(), in)
	p.Feed(plain(fin|closes, closing(1011, "sorry")) + "\xff\xff nonsense in the same read")
	if frames := framesOf(p.Output()); len(frames) != 1 || frames[0].payload != closing(1011, "") || p.Ended() {
		t.Errorf("answered %+v, ended %v", frames, p.Ended())
	}
	p.Feed("nonsense")
	p.Advance(6 * time.Second)
	if !p.Ended() {
		t.Error("not ended after 6 s")
	}
	p.EOF()
	if e := (*websocket.CloseError)(nil); !errors.As(in.cause, &e) || e.Code != 1011 || e.Reason != "sorry" {
		t.Errorf("cause %v", in.cause)
	}

	in = new(inbox)
	p = pipelinetest.New(t, new(websocket.Client).Stage(), in)
	p.Do(func(*channel.Channel) { websocket.CloseWith(&in.Ctx, websocket.NormalClosure, "") })
	p.Feed(plain(fin|closes, closing(1000, "")))
	p.Advance(6 * time.Second)
	p.EOF()
	if !in.done || in.cause != nil {
		t.Errorf("done %v, cause %v", in.done, in.cause)
	}
}
