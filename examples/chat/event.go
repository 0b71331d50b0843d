package main

import (
	"encoding/json"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec/websocket"
)

// The kinds of events.
const (
	welcome = "welcome" // the first one: who is here, and what happened before
	joined  = "joined"
	left    = "left"
	said    = "said"
)

// An event is what the server sends: a text message of JSON. What clients send has a text only: {"text":"hello"}.
type event struct {
	Kind string `json:"kind"`
	// Seq numbers the events of a room, without gaps. That of a welcome is the number of the last event before it.
	Seq  uint64 `json:"seq"`
	At   int64  `json:"at"` // milliseconds since 1970
	Name string `json:"name"`
	Text string `json:"text,omitempty"` // what was said, or why somebody left

	Members []string `json:"members,omitempty"` // of a welcome, in the order of their names
	History []event  `json:"history,omitempty"` // of a welcome: the last events, that of one's own arrival included
}

// encode returns an event as text.
func (e event) encode(home buffer.Allocator) *buffer.Buf {
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // strings and numbers
	}
	b := home.Alloc(len(text))
	b.Write(text)
	return b
}

// prepare returns an event as one frame for all.
func (e event) prepare(home buffer.Allocator) (*websocket.Prepared, error) {
	return websocket.Prepare(websocket.Text, e.encode(home))
}
