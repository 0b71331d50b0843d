package main

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ropewalk/ropewalk/codec/websocket"
	"github.com/ropewalk/ropewalk/pipeline"
)

// A member is the last stage of a connection: somebody in a room.
type member struct {
	pipeline.Context[pipeline.None, websocket.Message]
	hub      *hub
	roomName string
	name     string

	room  *room  // nil when it is in none
	index int    // in its shard
	seen  uint64 // the number of the last event it was sent

	// A member has a token for each thing that it may say now.
	tokens float64
	filled time.Duration // when they were counted, on the loop's clock
}

// Open enters the room.
func (m *member) Open() error {
	m.tokens, m.filled = float64(m.hub.limits.burst), m.Channel().Loop().Now()
	r, full := m.hub.enter(m.roomName)
	if full != "" {
		return websocket.CloseWith(&m.Context, websocket.TryAgainLater, full)
	}
	hello, err := r.join(m)
	if err != nil {
		m.hub.exit(r)
		return err
	}
	m.room = r
	return m.Write(websocket.Message{Kind: websocket.Text, Data: hello})
}

// Read takes what the client says.
func (m *member) Read(w websocket.Message) error {
	defer w.Release()
	var in struct {
		Text string `json:"text"`
	}
	switch {
	case m.room == nil: // it is out
		return nil
	case w.Kind != websocket.Text:
		return &websocket.Error{Code: websocket.UnsupportedData, What: "messages are JSON"}
	case json.Unmarshal(w.Data.Bytes(), &in) != nil:
		return &websocket.Error{Code: websocket.UnsupportedData, What: `a message is {"text": "what you say"}`}
	case utf8.RuneCountInString(in.Text) > m.hub.limits.text:
		return &websocket.Error{Code: websocket.MessageTooBig, What: "that is too long"}
	case !m.mayTalk():
		return &websocket.Error{Code: websocket.PolicyViolation, What: "too many messages"}
	}
	text := strings.TrimSpace(strings.Map(visible, in.Text))
	if text == "" {
		return nil
	}
	return m.room.say(m.name, text)
}

// visible replaces control characters, but for the end of a line.
func visible(c rune) rune {
	if unicode.IsControl(c) && c != '\n' {
		return ' '
	}
	return c
}

// mayTalk takes a token, if there is one.
func (m *member) mayTalk() bool {
	l, now := &m.hub.limits, m.Channel().Loop().Now()
	m.tokens = min(m.tokens+float64(now-m.filled)/float64(l.pace), float64(l.burst))
	m.filled = now
	if m.tokens < 1 {
		return false
	}
	m.tokens--
	return true
}

// take sends an event, unless the member has got it with its welcome. A member for whom too much is waiting is out.
func (m *member) take(seq uint64, p *websocket.Prepared) {
	if seq <= m.seen {
		return
	}
	m.seen = seq
	ch := m.Channel()
	if ch.Queued() > m.hub.limits.backlog {
		if err := m.exit("did not keep up"); err != nil {
			ch.Close(err)
			return
		}
		if err := websocket.CloseWith(&m.Context, websocket.TryAgainLater, "you did not keep up"); err != nil {
			ch.Close(err)
		}
		return
	}
	if err := m.Write(p.Message()); err != nil {
		ch.Close(err)
	}
}

// exit leaves the room, unless it has left.
func (m *member) exit(why string) error {
	r := m.room
	if r == nil {
		return nil
	}
	m.room = nil
	err := r.leave(m, why)
	m.hub.exit(r)
	return err
}

// Closed leaves.
func (m *member) Closed(error) { m.exit("") }
