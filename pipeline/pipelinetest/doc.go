// Package pipelinetest runs pipelines in tests without a socket.
//
//	              Feed · FeedEach · FeedCut · EOF
//	peer ──► bytes ──► stage ──► stage ──► handler
//	peer ◄── bytes ◄── stage ◄── stage ◄──────┘
//	              Output · Files
//
// [New] opens a channel whose sink is a pipeline of the given stages; what is tested is the shipped code from the
// channel's queue up, and only the socket is played by the test:
//
//	p := pipelinetest.New(t, framing, handler)
//	p.FeedEach("\x00\x05hello")  // one byte at a time
//	p.Output()                   // what the peer has got since the last call
//	p.Advance(time.Minute)       // timers run
//	p.Stall()                    // the peer takes nothing any more: the queue fills, reading pauses
//	p.EOF()                      // the peer ends its stream
//	p.Cause()                    // why the channel was closed
//
// Every call returns when nothing is left to do. At the end the test fails if a buffer was not released, a file not
// closed, a stage has panicked unexpectedly, or a stage was called out of order: see package channeltest, on which this one is built
// and which is at hand as [Pipe.Conn] and [Pipe.Loop].
package pipelinetest
