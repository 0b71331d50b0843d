// Package websocket speaks WebSocket (RFC 6455) with permessage-deflate (RFC 7692), for servers and clients.
//
//	           http1.Server ── *Request ──► handler
//	                 │                         │ Server.Upgrade
//	                 ▼ replaced by             ▼
//	socket ══► frames ══► unmask, check ── Message ──► Serve(func(c *Ctx, m Message) error)
//	socket ◄══════════ header in front ◄── Message ───   │
//	                        ▲
//	                        └── Group: one Prepared frame for any number of connections
//
// A server upgrades a request, and says which stages take its place:
//
//	func live(c *http1.Ctx, r *http1.Request) error {
//		return server.Upgrade(c, r, websocket.Serve(echo))
//	}
//
//	func echo(c *websocket.Ctx, m websocket.Message) error { return c.Write(m) }
//
// What a connection has to remember lies in a stage of its own, a struct that embeds Ctx and has a method Read; its methods Open
// and Closed, if it has them, are called when the connection begins and ends:
//
//	type member struct {
//		websocket.Ctx
//		topics map[string]bool
//	}
//
//	func (m *member) Read(in websocket.Message) error
//
// What follows the request in the same read is the first input of the new stages. A request that is no proper handshake is
// answered by Upgrade itself, with the status that says why.
//
// # Messages
//
// A Message is a kind and a *buffer.Buf, passed by value. Messages are collected: their fragments are joined, up to
// Limits.Message. With Stream they are passed on as they come, piece by piece, and More and Continued tell how the pieces
// belong together. The same two fields send a message piece by piece.
//
// Bytes are unmasked where they were read (a stage below that has kept a clone sees it), and are the message. The header of a reply goes where that of the message was, so
// an echo neither copies nor allocates. When one read holds many messages, short replies to them are copied together
// instead, so that they leave as one piece. What a client sends is masked with a fresh random key, and copied for that:
// other handles may share the bytes.
//
// # Control frames
//
// Pings are answered by the stage, in the order in which they come, also between the fragments of a message. A Close is answered
// by a Close. The server then ends the connection; a client waits for that, up to Timeouts.Close. After a Close was
// sent nothing else is: writes are refused with channel.ErrClosed, and what still comes is dropped. With Control these
// frames are also delivered as messages, after they were answered.
//
// To end a connection call CloseWith; or return an Error from the handler, whose code the peer then gets. Any other error
// becomes 1011. The cause that stages are told by Closed is nil when both sides have parted in the usual way, a
// *CloseError when the peer gave another reason or none at all, and an *Error when it broke the rules.
//
// # Strictness
//
// Whatever the RFC does not allow ends the connection, with the code that it names: reserved bits and opcodes, frames that are
// masked or not in the wrong direction, lengths in more bytes than they need, control frames that are fragmented or
// longer than 125 bytes, fragments out of order (1002), text that is not UTF-8, as soon as the byte is there that makes it
// invalid (1007), close codes that must not be sent (1002), too long messages, as soon as their header is there (1009).
// Text that is written is not checked.
//
// A handshake from another site is refused with 403, since browsers let any page open WebSockets to any server, with the
// user's cookies: see Server.CheckOrigin.
//
// # Compression
//
// Deflate in a Server or Client turns it on. By default neither side keeps its context from one message to the next:
// inflating and deflating is done with objects that all connections of a loop share, and costs an idle connection 80 bytes.
// A context is kept if asked for, as the last 32 KiB of plain text outside the Go heap. A compressed message is collected and
// then inflated, up to Limits.Message. Messages below Deflate.Threshold, those that do not become smaller, and those that
// are sent in pieces, are sent as they are.
//
// # Broadcast
//
// A Prepared is a message that was encoded once, and compressed once for each window size, to be sent to any number of
// connections, which share its bytes. A Group is a set of connections on any number of loops. Broadcasting is one call to each
// loop, which goes through its members; Group.Slow says what happens to those that do not take their messages fast enough.
//
// # Timeouts
//
// Peers are pinged when they have been silent for Timeouts.Ping (45 s) and closed at Timeouts.Idle (90 s), so that dead ones do
// not stay for ever. A collected message must come within Timeouts.Message (2 min). A loop looks at a part of its connections
// every second; none of them has a timer of its own, but for the close handshake.
//
// # Threads and lifetime
//
// A Server or Client may be used for any number of channels on all loops, as long as its fields do not change. Stages and
// handlers belong to the loop of their channel. A Prepared and a Group may be used by any goroutine.
package websocket
