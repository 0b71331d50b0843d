// Package pipeline turns the input of a channel into messages and messages into output, in stages that are checked
// against each other when they are linked.
//
//	            wire                 stage                 stage                handler
//	socket ══►  *Buf ──Read──► frames ──Fire: *Buf──► rpc codec ──Fire: request──► Serve
//	socket ◄══  *Buf ◄─Write── frames ◄─Write: *Buf── rpc codec ◄─Write: reply────  │
//
// A stage is a struct that embeds [Context]. The type arguments say what it passes on: Context[Out, W] fires messages of
// type Out towards the application and writes messages of type W towards the wire. A method Read(In) error takes the
// messages that the stage before fires; a method Write(M) error takes those that the stage behind writes. A stage without a Write method of
// its own has the one of its Context, and so lets messages of type W by.
//
//	type stamp struct {
//		pipeline.Context[request, *buffer.Buf]
//		seen int
//	}
//
//	func (s *stamp) Read(r request) error { s.seen++; return s.Fire(r) }
//
// For an application that only answers messages, [Serve] makes a stage of a function.
//
// # Ownership
//
// A message belongs to whom it is passed to, also when the call returns an error. When a pipeline is closed each stage
// releases what it keeps, in Closed.
//
// # Errors
//
// Errors are returned, never fired: what Read or Write returns travels back through the callers to the channel, which
// sends what was written before, closes, and tells that cause to every stage, once. A stage that can handle
// the error of those behind it just does not return it.
//
// # Finding leaks
//
// Where a channel's pool watches every buffer (its LeakSample is 1, it is in checked mode, or the environment of the program
// says ROPEWALK_BUFFER=leaksample=1), the report of a lost *buffer.Buf names the stages that it was passed to:
//
//	then: read by *main.bouncer, at ...
//	then: read by Serve(main.echo), at ...
//	then: written to *main.bouncer, at ...
//
// The last one had it. A stage is called by its String method, which is asked when the stage is linked, or else by its type.
// Notes are made of messages that are a *buffer.Buf, or a channel.Part that is one. A message that only carries a buffer is
// not looked into: the last note is then about the stage that made it, and stages behind may leave notes of their own, by
// Touch. A note costs about a microsecond (BenchmarkHops). Where buffers are only sampled, stages call each other
// directly, and reports have no names.
//
// # Threads
//
// A pipeline and its stages belong to one channel and run on its loop. Stages are made anew for every channel.
package pipeline
