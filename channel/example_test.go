package channel_test

import (
	"fmt"
	"io"
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

// countdown is a Source: it makes its bytes when the peer has taken those before.
type countdown struct {
	ch *channel.Channel
	n  int
}

func (c *countdown) Next() (channel.Part, error) {
	if c.n == 0 {
		return nil, io.EOF
	}
	b := c.ch.Alloc(8)
	b.PutUint8(byte('0' + c.n))
	c.n--
	return b, nil
}

func (c *countdown) Release() { fmt.Println("released at", c.n) }

// A Source stands in the queue: what is written behind it waits until it has ended.
func ExampleChannel_WriteSource() {
	channeltest.Example(func(t testing.TB) {
		loop := channeltest.NewLoop(t)
		conn := loop.Open(new(knock), channel.Options{Linger: -1})
		conn.Do(func(ch *channel.Channel) {
			ch.WriteSource(&countdown{ch, 9}, 9)
			ch.Write(loop.Buf(" lift-off"))
		})
		fmt.Println(conn.Wire.Sent())
		conn.Break(nil)
	})
	// Output:
	// released at 0
	// 987654321 lift-off
	// closed: <nil>
}

// A large file that nobody will ask for again soon goes out without a place in the page cache.
func ExampleChannel_WriteDirect() {
	channeltest.Example(func(t testing.TB) {
		loop := channeltest.NewLoop(t)
		conn := loop.Open(new(knock), channel.Options{Linger: -1})
		conn.Do(func(ch *channel.Channel) {
			ch.WriteDirect(loop.File("a large file"))
			ch.Write(loop.Buf(", and what follows it"))
		})
		for conn.Wire.Total() < 33 { // it is read by another goroutine
			loop.Wait()
		}
		fmt.Println(conn.Wire.Sent())
		conn.Break(nil)
	})
	// Output:
	// a large file, and what follows it
	// closed: <nil>
}
