// Package channeltest drives channels in tests without a socket, a second goroutine or a real clock.
//
//	 your Sink            Open · Read · ReadDone · EOF · Writable · Closed
//	    ▲ │
//	channel.Channel ───── the shipped code, on a Loop whose clock the test turns
//	    ▲ │
//	  Script              a socket that answers each write as the test says, and keeps what it was sent
//
// A [Loop] is a channel.Loop on the goroutine of the test. [Loop.Open] opens a channel on it: a [Conn], which is the
// channel's Port together with a [Script]. The test plays the peer and the kernel:
//
//	c := l.Open(sink, channel.Options{}, channeltest.Take(3), channeltest.Again())
//	c.Feed("hello")          // the peer sends; it arrives as soon as the channel reads
//	c.Unstall()              // after EAGAIN there is room again
//	l.Advance(time.Minute)   // timers run
//	c.Wire.Sent()            // what the peer has got
//
// Every call that makes something happen returns when nothing is left to do, so a test reads from top to bottom and
// never sleeps. A test that needs the moments in between calls the methods of Conn.Port and [Loop.Turn].
//
// # What is checked
//
// A Script fails the test, with its name, when it is called against the rules of channel.Backend: after Close, to send an
// empty queue, to switch reading to what it is already. A Conn watches its sink in the same way: Open comes first, no call
// inside another, Closed once and last.
//
// At the end of the test all channels are aborted, and the test fails if a sink was not told Closed, if a buffer of the
// loop's pool is still owned by somebody, if a file from [Loop.File] is open, if a panic was recovered that the test
// has not asked about with [Loop.Panics], or if steps of a script were not reached.
//
// [NoAllocations] counts the allocations of messages that other goroutines take part in, as those of an engine do.
//
// # Who it is for
//
// Those who write a Sink, or stages that reach below the pipeline; for stages as such, package pipelinetest is built on
// this one. And those who write an engine: Conn and Loop are a complete one, of which every line can be read.
//
// Loops, channels and scripts belong to the goroutine that made them: a subtest makes its own.
package channeltest
