package main

import (
	"encoding/binary"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// A client is somebody who talks to the server, played by the test.
type client struct {
	t    testing.TB
	pipe *pipelinetest.Pipe
	rest string // what it has got and not looked at
}

// connect enters a room, on a loop of its own if loop is nil.
func connect(t testing.TB, s *chat, loop *channeltest.Loop, room, name string) *client {
	t.Helper()
	c := &client{t: t, pipe: pipelinetest.Config{Loop: loop}.Accept(t, s.accept())}
	c.pipe.Feed(request("/chat?" + url.Values{"room": {room}, "name": {name}}.Encode()))
	head, rest, ok := strings.Cut(c.pipe.Output(), "\r\n\r\n")
	if !ok || !strings.HasPrefix(head, "HTTP/1.1 101 ") {
		t.Fatalf("answer to the handshake: %.300q", head)
	}
	c.rest = rest
	return c
}

func request(target string) string {
	return "GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
}

// say says something.
func (c *client) say(text string) {
	in, err := json.Marshal(map[string]string{"text": text})
	if err != nil {
		c.t.Fatal(err)
	}
	c.pipe.Feed(frame(1, string(in)))
}

// frame returns a frame as a client sends it, with a key of zeros.
func frame(opcode byte, payload string) string {
	b := []byte{0x80 | opcode}
	if n := len(payload); n < 126 {
		b = append(b, 0x80|byte(n))
	} else {
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	}
	return string(append(b, 0, 0, 0, 0)) + payload
}

// hears returns what has come since the last time: events, and the payload of a Close.
func (c *client) hears() (all []event, end string) {
	c.t.Helper()
	c.pipe.Loop.Settle()
	c.rest += c.pipe.Output()
	for c.rest != "" {
		opcode, payload, rest := unframe(c.t, c.rest)
		c.rest = rest
		if opcode == 0x88 {
			return all, payload
		}
		var e event
		if err := json.Unmarshal([]byte(payload), &e); opcode != 0x81 || err != nil {
			c.t.Fatalf("got %#x %q, %v", opcode, payload, err)
		}
		e.At = 0
		for i := range e.History {
			e.History[i].At = 0
		}
		all = append(all, e)
	}
	return all, ""
}

// unframe takes a frame of the server apart.
func unframe(t testing.TB, data string) (opcode byte, payload, rest string) {
	t.Helper()
	if len(data) < 2 {
		t.Fatalf("no frame in %q", data)
	}
	n, at := int(data[1]), 2
	if n == 126 {
		n, at = int(binary.BigEndian.Uint16([]byte(data[2:]))), 4
	}
	if len(data) < at+n || n > 126 && at == 2 {
		t.Fatalf("%d bytes of a frame of %d", len(data)-at, n)
	}
	return data[0], data[at : at+n], data[at+n:]
}

// texts returns what was said, and by whom.
func texts(events []event) (all []string) {
	for _, e := range events {
		if e.Kind == said {
			all = append(all, e.Name+": "+e.Text)
		}
	}
	return all
}
