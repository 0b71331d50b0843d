package http1

import (
	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/pipeline"
)

// Ctx is the context of a stage that answers requests.
type Ctx = pipeline.Ctx[*Response]

// ClientCtx is the context of a stage behind a Client, which writes requests and reads responses. A stage that embeds it has the method
// Read(*Response) error.
type ClientCtx = pipeline.Context[pipeline.None, *Request]

// Serve returns a last stage behind a Server that calls f for every request. f answers by c.Write, now or later.
func Serve(f func(c *Ctx, r *Request) error) pipeline.Stage { return pipeline.Serve(f) }

// A Request is a request as a server receives it, or as a client sends it.
//
// One that was received belongs to the handler until it was answered: until Ctx.Write was called with the response, and
// that response has ended. Its slices are views of what was read: they are valid until the handler returns. A handler that
// answers later may ask the request again meanwhile, but must not keep a slice.
//
// To send one, fill in the fields, or begin with NewRequest.
type Request struct {
	// Method is case-sensitive: "GET".
	Method string
	// Target is what follows the method: "/path?query", for a proxy "http://host/path", for CONNECT "host:port",
	// for OPTIONS also "*". Borrowed.
	Target []byte
	// Minor is the minor version: 1, or 0 for HTTP/1.0. Clients send 1, whatever it is.
	Minor int
	// Header is what the message says of itself. What concerns only the connection and the length of the body is written by
	// this package: such fields are not copied from here when a message is sent.
	Header Header
	// Trailer holds the fields behind a chunked body, when it has ended.
	Trailer Header
	// Body, if not nil, is the body: of a request that was received, if it was collected (see Server.Stream). It belongs to
	// the request, and is released with it; TakeBody passes it on.
	Body *buffer.Buf
	// File and Source are other ways to give a body that is sent. At most one of the three is set.
	File   *channel.File
	Source Source
	// Length is that of Source: negative, which is what NewRequest sets, if it is not known.
	Length int64
	// Tag is of the application: a client's response has the Tag of its request.
	Tag any

	x *exchange
}

// A Response is a response as a server sends it, or as a client receives it.
//
// A server's handler gets it from its request (Request.Reply, Request.Text) and passes it on by Ctx.Write, after which it
// must not use it. A client's handler has it as a server's has a Request: until it returns, or, if Client.Stream is set,
// until the body has ended.
type Response struct {
	// Status is the code: 200.
	Status int
	// Reason is the text behind the status. Empty means the usual one. Borrowed, when received.
	Reason []byte
	// Minor is the minor version: 1, or 0 for HTTP/1.0. Servers send 1, whatever it is.
	Minor int
	// Header and Trailer are as in Request. A server adds Date and Server.
	Header, Trailer Header
	// Body, File and Source are the body: at most one is set. A received one is in Body.
	Body   *buffer.Buf
	File   *channel.File
	Source Source
	// Length is that of Source: negative, which is what Reply sets, if it is not known.
	Length int64
	// Close says that the connection shall end with this response.
	Close bool
	// Tag is that of the request, on a client.
	Tag any

	text string // a body to be copied
	x    *exchange
}

// A Source makes a body piece by piece, as fast as the peer takes it. It is called on the channel's loop. If its Next has returned
// nil, nil, because there is nothing yet, Resume of the message makes it be called again.
type Source = channel.Source
