package channeltest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// An echo over a connection that takes three bytes, is full, and takes the rest when there is room again.
func Example() {
	channeltest.Example(func(t testing.TB) {
		l := channeltest.NewLoop(t)
		c := l.Open(channeltest.Echo(), channel.Options{}, channeltest.Take(3), channeltest.Again())

		c.Feed("hello")
		fmt.Printf("%q, %d bytes queued\n", c.Wire.Sent(), c.Queued())
		c.Unstall()
		fmt.Printf("%q, %d bytes queued\n", c.Wire.Sent(), c.Queued())
	})
	// Output:
	// "hel", 2 bytes queued
	// "hello", 0 bytes queued
}

// The clock of a Loop moves when the test says so, and timers run on the way.
func ExampleLoop_Advance() {
	channeltest.Example(func(t testing.TB) {
		l := channeltest.NewLoop(t)
		sink := new(channeltest.Sink)
		c := l.Open(sink, channel.Options{Linger: -1})
		c.AfterFunc(time.Minute, func() { c.Close(nil) })

		l.Advance(59 * time.Second)
		fmt.Println(sink.Calls)
		l.Advance(time.Second)
		fmt.Println(sink.Calls, c.Wire.Calls())
	})
	// Output:
	// [Open]
	// [Open Closed] [read pause close write close]
}

// What is wrong is told with the name of the connection.
func ExampleScript() {
	channeltest.Example(func(t testing.TB) {
		l := channeltest.NewLoop(t)
		c := l.Open(channeltest.Echo(), channel.Options{}, channeltest.Take(5), channeltest.Take(5))
		c.Feed("hello")
		c.Wire.CloseWrite()
		c.Wire.CloseWrite()
	})
	// Output:
	// channeltest: script conn 1: CloseWrite after Close or CloseWrite
}
