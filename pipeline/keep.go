package pipeline

import "github.com/ropewalk/ropewalk/buffer"

// Keep returns a last stage that keeps what has come already and pauses reading: for a channel that waits for something else,
// such as the other side of a tunnel. What it keeps is given up when the stage is replaced, or the channel is relayed: in
// codec/http1, a handler of CONNECT answers by Request.Upgrade with Keep, and calls channel.Relay when it has dialed.
func Keep() Stage { return new(keeper) }

type keeper struct {
	Ctx[*buffer.Buf]
	kept *buffer.Buf
}

// Open pauses reading.
func (k *keeper) Open() error {
	k.Channel().SetReading(false)
	return nil
}

// Read keeps b.
func (k *keeper) Read(b *buffer.Buf) error {
	k.Channel().Keep()
	if k.kept == nil {
		k.kept = b
	} else {
		k.kept.Append(b)
	}
	return nil
}

// Leftover gives up what is kept. Reading goes on.
func (k *keeper) Leftover() *buffer.Buf {
	b := k.kept
	k.kept = nil
	k.Channel().SetReading(true)
	return b
}

// Closed releases what is kept.
func (k *keeper) Closed(error) {
	if k.kept != nil {
		k.kept.Release()
		k.kept = nil
	}
}
