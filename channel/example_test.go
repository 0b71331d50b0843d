package channel_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// knock is a Sink without a pipeline: it answers what it gets, and closes a channel on which nothing comes for a minute.
type knock struct {
	ch   *channel.Channel
	idle *channel.Timer
}

func (k *knock) Open(ch *channel.Channel) error {
	k.ch = ch
	k.idle = ch.AfterFunc(time.Minute, func() { ch.Close(nil) })
	return nil
}

func (k *knock) Read(b *buffer.Buf) error {
	k.idle.Reset(time.Minute) // a comparison: the timer moves when the minute is over
	answer := k.ch.Alloc(32)
	answer.PutString("heard ")
	answer.Append(b) // b is ours, and is consumed
	return k.ch.Write(answer)
}

func (k *knock) ReadDone() error    { return nil }
func (k *knock) EOF() error         { return nil }
func (k *knock) Writable() error    { return nil }
func (k *knock) Closed(cause error) { fmt.Println("closed:", cause) }

func Example() {
	channeltest.Example(func(t testing.TB) {
		loop := channeltest.NewLoop(t)
		conn := loop.Open(new(knock), channel.Options{Linger: -1})

		conn.Feed("one")
		fmt.Printf("%s\n", conn.Wire.Sent())
		loop.Advance(time.Minute)
	})
	// Output:
	// heard one
	// closed: <nil>
}

// A Remote reaches a channel from any goroutine, and finds out safely that the channel is gone.
func ExampleRemote() {
	channeltest.Example(func(t testing.TB) {
		loop := channeltest.NewLoop(t)
		conn := loop.Open(new(knock), channel.Options{Linger: -1})
		remote := conn.Remote()

		remote.Do(func(ch *channel.Channel, err error) { fmt.Println("queued:", ch.Queued(), err) })
		remote.Close(nil)
		loop.Turn()
		remote.Do(func(ch *channel.Channel, err error) { fmt.Println(ch == nil, err) })
		loop.Turn()
	})
	// Output:
	// queued: 0 <nil>
	// closed: <nil>
	// true channel: closed
}
