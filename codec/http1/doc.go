// Package http1 speaks HTTP/1.0 and HTTP/1.1 (RFC 9110, RFC 9112), for servers and clients.
//
//	          bytes                    messages
//	socket ══════════► Server.Stage ──── *Request ────► handler       Serve(func(c *Ctx, r *Request) error)
//	socket ◄══════════     or       ◄─── *Response ───     │
//
//	socket ══════════► Client.Stage ──── *Response ───► handler
//	socket ◄══════════     or       ◄─── *Request ────     │
//
// A handler answers a request by writing its response, at once or later:
//
//	func hello(c *http1.Ctx, r *http1.Request) error {
//		return c.Write(r.Text(200, "Hello, World!"))
//	}
//
// # Messages
//
// The head of a message is parsed where it was read: a Header is an index over its text, and Get returns a slice of that. A
// Request and its Response are objects of their loop that are used again, so a request costs no allocation. Both belong
// to the handler until the response was written.
//
// A body is a *buffer.Buf, which may have any number of pieces; a *channel.File, which leaves by sendfile(2); or a Source,
// which is asked for pieces as fast as the peer takes them. A []byte becomes a body by Request.Bytes, without a copy. What is
// received is collected up to Limits.Body, or, with Server.Stream, passed on as it comes.
//
// # Order
//
// A connection has one request at a time: the next one is delivered when the response before it has ended, so pipelined
// requests are answered in order, and the handlers of one connection never run at the same time. A client may send up to
// Client.MaxPending requests ahead, and gets the responses in the same order.
//
// # Strictness
//
// Two parties that disagree about where a message ends can be played off against each other. So what RFC 9112 lets a
// server refuse is refused: Content-Length beside Transfer-Encoding, several Content-Lengths, any transfer coding but
// one final chunked, line ends other than CR LF, folded lines, space in front of a colon, control bytes. The rules are pure
// functions in rules.go, parse.go and body.go, each with its clause. A bad request is answered with the status that
// the RFC names (Error.Status), the connection closes, and the cause is logged. In the other direction no
// field can be written that is none (FieldError), and the length of a body is always what this package has counted.
//
// # Threads and lifetime
//
// A Server or Client may be used for any number of channels, by all loops. Stages, messages and handlers belong to the loop of
// their channel; to answer from another goroutine use Ctx.Remote and its Do.
//
// Slices of a message that was received (its Target, values of its Header) are valid until the handler returns. While a
// request waits for its answer they may be asked for again. After the answer was written nothing of a message may be
// used.
//
// # Timeouts
//
// Each of the Timeouts closes a connection whose peer stands still: before its first byte, inside a head or a body, between two
// requests. How long a handler takes is up to the handler.
package http1
