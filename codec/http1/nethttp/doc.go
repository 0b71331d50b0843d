// Package nethttp joins package http1 to net/http, in both directions: a Server serves any http.Handler on the loops of ropewalk,
// and a Transport is an http.RoundTripper on them. Code that is written against net/http moves as it is, and step by step.
//
//	          loop                       between                 goroutines
//	http1.Server ── *Request ──► head: one string  ─────► worker: ServeHTTP(w, r)
//	             ── body ──────► inlet, half a window ──► r.Body.Read
//	             ◄─ *Response ── all of it, in one call ◄─ return, with up to 2 KiB written
//	             ◄─ Source ───── outlet, a window ◄────── w.Write, Flush, ReadFrom
//
//	http1.Client ◄─ *Request ─── head, a small body ◄──── RoundTrip
//	             ◄─ Source ───── outlet, a window ◄────── a goroutine that reads the request's body
//	             ── *Response ─► head ──────────────────► RoundTrip returns
//	             ── body ──────► inlet, half a window ──► resp.Body.Read
//
// A server is one line, or three with limits and stages of one's own:
//
//	transport.Server{Addr: ":8080", Accept: nethttp.Serve(mux)}
//
//	protocol := &http1.Server{Stream: true, Limits: http1.Limits{Body: -1}}
//	handlers := &nethttp.Server{Handler: mux, Handlers: 1000}
//	pipeline.New(func() []pipeline.Stage { return []pipeline.Stage{protocol.Stage(), handlers.Stage()} })
//
// # Faithfulness
//
// What a handler sees and what its client gets is what net/http does, and the tests play both against the same bytes. These
// differ, most of them because package http1 is strict:
//
//   - Requests that RFC 9112 lets a server refuse are refused, see package http1.
//   - The status line says HTTP/1.1 to clients of HTTP/1.0 too; they get no informational responses. Its text is that of RFC
//     9110 (416 Range Not Satisfiable), and none for a status without one. 101 is for handlers that hijack: without that the
//     connection closes.
//   - There are limits and timeouts where net/http has none by default, those of http1.Limits and http1.Timeouts: a line of
//     8 KiB, a head of 32 KiB and 200 fields (431), 30 s without anything of a body (408), 75 s between requests, and others.
//   - A request that the client breaks off in its body is answered with 400 if nothing else was answered before.
//   - WriteHeader panics for 600 to 999 too, which are no status codes (RFC 9110 section 15).
//   - Transfer-Encoding has no effect unless it is chunked; nor has Header()["Date"] = nil. A response to HEAD may say that its
//     body would be in chunks (RFC 9112 section 6.1). Fields of the connection (Keep-Alive,
//     Proxy-Connection, TE) are not sent, and Connection only as close, or to switch protocols. Control bytes in values
//     become spaces.
//   - A handler that aborts resets the connection if the end of an HTTP/1.0 body would look like an ordinary one.
//   - A granted CONNECT ends with what the handler has written, unless it has hijacked the connection. Behind a refused one the
//     connection closes (RFC 9931 section 8).
//   - http.MaxBytesReader cannot tell the ResponseWriter of its limit. The connection closes if more than 256 KiB were not read.
//   - A body that waits for 100 Continue cannot be asked for any more when the response has begun.
//
// Request.TLS is nil; there is no HTTP/2, no http.Pusher, no ConnState, and no ConnContext: a context is that of Server.Context.
// The http.Server in the context of a request has a Handler and nothing else: who serves is the transport.Server.
//
// # Goroutines
//
// A handler runs on the goroutine of a worker. Workers are kept for some seconds for the next request, with their stacks, and
// there are as many as there are handlers at a time, up to Server.Handlers: further requests wait in order. The requests of
// one connection are handled one at a time, also when a response is over before its handler is. http.ResponseWriter and
// Request.Body are safe for concurrent use with each other, and no more than those of net/http. What Hijack returns is a
// net.Conn, for any goroutines.
//
// Loops and goroutines meet in an inlet or outlet, under a lock that is held for a few instructions, and by channel.Remote.Do. A
// response of up to 2 KiB is one such call; a longer one is one for as long as the goroutine writes faster than the loop
// sends. Callers of RoundTrip must not be loops.
//
// # Ownership and memory
//
// A []byte that is written is copied into buffers of the channel's pool. Those are bounded by Server.Window for each direction
// of each connection, beyond what the channel itself queues; who would write more waits, and a peer that would send more is
// not read from. A pool at its limit fails the write, and with it the response. An *os.File is not copied: ReadFrom, which
// io.Copy and http.ServeContent call, sends it from a descriptor of its own, by sendfile(2) where the engine can. It returns
// when the file is queued: the handler is done with a large file at once, and the file must not become shorter meanwhile.
//
// An idle connection of a server keeps its addresses and a context; an idle one of a Transport some hundred bytes.
//
// # Ends
//
// When a connection ends, so does the context of its request, and reads and writes fail with what users of net/http know:
// io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, os.ErrDeadlineExceeded, or the cause of the channel. When a handler returns, the
// context of its request ends, and its ResponseWriter and Request.Body fail from then on. The channel of a handler that has
// panicked closes with a PanicError, or http.ErrAbortHandler, inside a channel.OpError; panics are logged here, with their
// stacks.
package nethttp
