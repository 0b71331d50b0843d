package websocket

import (
	"fmt"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/pipeline"
)

// A Kind says what a message is. It is the opcode of its first frame, RFC 6455 section 11.8.
type Kind uint8

// The kinds of messages.
const (
	Text   Kind = 1  // UTF-8
	Binary Kind = 2  // any bytes
	Close  Kind = 8  // the end: a code in two bytes and a reason in UTF-8, or nothing
	Ping   Kind = 9  // to be answered by a Pong with the same bytes
	Pong   Kind = 10 // the answer to a Ping, or a sign of life
)

// MaxControl is the most bytes of a Close, Ping or Pong.
const MaxControl = 125

func (k Kind) String() string {
	switch k {
	case Text:
		return "text"
	case Binary:
		return "binary"
	case Close:
		return "close"
	case Ping:
		return "ping"
	case Pong:
		return "pong"
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// A Message is what the stage fires and is written. The zero values of More and Continued make it a whole one.
//
// Pieces of a message that is sent piece by piece are written one after the other: messages of other kinds than Ping, Pong and
// Close must not come between.
type Message struct {
	Kind Kind
	// More says that this is a piece of a message, and that more pieces of it follow.
	More bool
	// Continued says that this is a piece of a message, but not the first one. Its Kind is that of the message.
	Continued bool
	// Data holds the bytes, and belongs to whoever has the message. It is never nil in a message that was received. In
	// one that is written nil means no bytes.
	Data *buffer.Buf

	prepared *Prepared
}

// Release releases the data.
func (m Message) Release() {
	if m.Data != nil {
		m.Data.Release()
	}
}

// Ctx is the context of a last stage, which answers messages.
type Ctx = pipeline.Ctx[Message]

// Serve returns a last stage that calls f for every message, on the channel's loop. f owns the message; an error that it returns
// closes the connection, see Error.
func Serve(f func(c *Ctx, m Message) error) pipeline.Stage { return pipeline.Serve(f) }

// WriteText writes a text, which it copies. text must be valid UTF-8.
func WriteText(c *Ctx, text string) error {
	b := c.Alloc(len(text))
	b.PutString(text)
	return c.Write(Message{Kind: Text, Data: b})
}

// CloseWith begins the close handshake: it writes a Close with a code and a reason, at most 123 bytes of UTF-8. Nothing can be
// written after it. The channel is closed when the peer has answered, or after Timeouts.Close. Code NoStatus sends
// neither a code nor a reason. It returns an error, and does nothing, if the code must not be sent.
func CloseWith(c *Ctx, code Code, reason string) error {
	if code == NoStatus {
		return c.Write(Message{Kind: Close})
	}
	b := c.Alloc(2 + len(reason))
	b.PutUint16(uint16(code))
	b.PutString(reason)
	return c.Write(Message{Kind: Close, Data: b})
}
