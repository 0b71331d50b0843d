package http1

import (
	"bytes"
	"fmt"
	"unsafe"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/pipeline"
)

// An exchange is a request and its response. A server has at most one at a time for each connection, taken from
// a free list of its loop; an idle connection has none.
type exchange struct {
	req    Request
	resp   Response
	peer   peer        // nil when it is over
	head   *buffer.Buf // the text of the head that was received, if it lies there no more where it was read
	onBody func(piece *buffer.Buf, end bool) error
	f      framing
	stage  stage

	until    int64 // how far the body of the request is read after the answer, if nobody wants it
	out      outgoing
	sent     *Request // of a client, until it was sent
	after    int64    // of a client: where the input was when the request was written; what lies in front is no response to it
	onlyHead bool     // the response has no body, whatever was given
	tunnel   bool     // what follows the response is another protocol
	told     bool     // onBody was told of the end of a response

	next *exchange
}

// A peer is the stage that an exchange belongs to.
type peer interface {
	Channel() *channel.Channel
	resume()  // the source of what is being sent has something again
	consume() // somebody wants the body now
	upgrade(x *exchange, resp *Response, with []pipeline.Stage) error
}

// stage is how far the answer is.
type stage uint8

const (
	waiting  stage = iota // for the response
	sending               // a body
	patient               // for 100 Continue
	answered              // what remains is the rest of the request's body
)

// reset makes a released exchange ready for its next use. Most fields of most exchanges have never been set: writing all of
// them took a fifteenth of the time of a pipelined request.
func (x *exchange) reset() {
	req, resp := &x.req, &x.resp
	req.Header.Reset()
	resp.Header.Reset()
	req.Trailer.clear()
	resp.Trailer.clear()
	req.Method, req.Target, req.Minor, req.Length, req.Tag, req.x = "", nil, 0, 0, nil, nil
	resp.Status, resp.Reason, resp.Minor, resp.Length, resp.Close, resp.Tag, resp.text, resp.x = 0, nil, 0, 0, false, nil, "", nil
	x.until, x.after, x.onBody, x.f, x.stage, x.onlyHead, x.tunnel, x.told = 0, 0, nil, framing{}, waiting, false, false, false
	if x.out.trailer != nil {
		x.out = outgoing{}
	}
}

// detach gives the head of a message that was received a place of its own: raw is the head, which x owns from now on. What
// still shows the text where it was read is made to show it where it is now; a handler may have put something else there.
func (x *exchange) detach(raw *buffer.Buf, h *Header, line *[]byte) {
	old := raw.First()
	x.head = raw
	raw.Own()
	text := raw.First()
	at := func(p []byte) (int, bool) {
		if len(p) == 0 || len(old) == 0 {
			return 0, false
		}
		at := uintptr(unsafe.Pointer(unsafe.SliceData(p))) - uintptr(unsafe.Pointer(unsafe.SliceData(old)))
		return int(at), at < uintptr(len(old))
	}
	if i, ok := at(h.text); ok {
		h.text = text[i : i+len(h.text)]
	}
	if i, ok := at(*line); ok {
		*line = text[i : i+len(*line) : i+len(*line)]
	}
}

// release gives up all that the exchange owns.
func (x *exchange) release() {
	x.peer = nil
	x.req.release()
	x.resp.release()
	if x.out.source != nil {
		x.out.source.Release()
		x.out.source = nil
	}
	if x.head != nil {
		x.head.Release()
		x.head = nil
	}
}

func (r *Request) release()  { releaseBody(&r.Body, &r.File, &r.Source) }
func (r *Response) release() { releaseBody(&r.Body, &r.File, &r.Source) }

func releaseBody(b **buffer.Buf, f **channel.File, s *Source) {
	if *b != nil {
		(*b).Release()
		*b = nil
	}
	if *f != nil {
		(*f).Release()
		*f = nil
	}
	if *s != nil {
		(*s).Release()
		*s = nil
	}
}

// bodyLength returns how long a body is that is sent: bytes, or -1 if that is not known. length is what is said of the source.
//
//bufvet:borrow b
func bodyLength(b *buffer.Buf, f *channel.File, s Source, length int64) int64 {
	switch {
	case b != nil:
		return int64(b.Len())
	case f != nil:
		return f.Size()
	case s != nil:
		return max(length, chunked)
	}
	return 0
}

// NewRequest returns a request to be sent. It needs a field Host (RFC 9112 section 3.2).
func NewRequest(method, target string) *Request {
	return &Request{Method: method, Target: []byte(target), Minor: 1, Length: -1}
}

// Path returns the path of the target, as it was sent: with its escapes, without the query. It is borrowed. For CONNECT, and
// for OPTIONS *, it is the whole target; of a URI without a path it is empty.
func (r *Request) Path() []byte {
	path, _ := r.split()
	return path
}

// Query returns what follows the question mark of the target. It is borrowed.
func (r *Request) Query() []byte {
	_, query := r.split()
	return query
}

func (r *Request) split() (path, query []byte) {
	t := r.Target
	if r.Method == "CONNECT" {
		return t, nil
	}
	if start := authority(t); start >= 0 {
		t = t[start:]
		if i := bytes.IndexAny(t, "/?"); i >= 0 {
			t = t[i:]
		} else {
			t = nil
		}
	}
	if i := bytes.IndexByte(t, '?'); i >= 0 {
		return t[:i], t[i+1:]
	}
	return t, nil
}

// Announced returns how long the body is that the head of a received request announces: in bytes, or -1 if it comes in chunks.
func (r *Request) Announced() int64 {
	if r.x == nil {
		return 0
	}
	return r.x.f.length
}

// TakeBody returns the collected body, nil if there is none, and passes its ownership on.
func (r *Request) TakeBody() *buffer.Buf {
	b := r.Body
	r.Body = nil
	return b
}

// TakeBody returns the collected body, nil if there is none, and passes its ownership on.
func (r *Response) TakeBody() *buffer.Buf {
	b := r.Body
	r.Body = nil
	return b
}

// OnBody has f called with each piece of the body of a received request; it is for servers with Stream. f owns the pieces. end is
// true with the last one, which may be nil. An error that f returns closes the channel. Before OnBody is called nothing
// of the body is read; whoever needs a pause in between uses Channel.SetReading.
func (r *Request) OnBody(f func(piece *buffer.Buf, end bool) error) { r.x.receive(f) }

// Collect has the body of a received request collected in Body, up to Limits.Body, and then calls f: for servers with Stream
// whose handler wants this body as a whole. An error that f returns closes the channel.
func (r *Request) Collect(f func() error) {
	r.OnBody(func(piece *buffer.Buf, end bool) error {
		if piece != nil {
			collect(&r.Body, piece)
		}
		if end {
			return f()
		}
		return nil
	})
}

// OnBody is Request.OnBody for a client's response.
func (r *Response) OnBody(f func(piece *buffer.Buf, end bool) error) { r.x.receive(f) }

func (x *exchange) receive(f func(piece *buffer.Buf, end bool) error) {
	x.onBody = f
	if x.peer != nil {
		x.peer.consume()
	}
}

// Resume says that the Source has something again, after its Next has returned nil, nil. It is called on the loop.
func (r *Request) Resume() { resume(r.x) }

// Resume says that the Source has something again, after its Next has returned nil, nil. It is called on the loop.
func (r *Response) Resume() { resume(r.x) }

func resume(x *exchange) {
	if x != nil && x.peer != nil {
		x.peer.resume()
	}
}

// Reply returns the response to a request that was received, with a status and nothing else, to be filled in and written.
func (r *Request) Reply(status int) *Response {
	x := r.x
	if x == nil {
		return &Response{Status: status, Minor: 1, Length: -1}
	}
	resp := &x.resp
	if resp.Status != 0 { // it has been made before
		resp.release()
		resp.Header.Reset()
		resp.Trailer.clear()
		resp.Reason, resp.Close, resp.Tag, resp.text = nil, false, nil, ""
	}
	resp.Status, resp.Minor, resp.Length, resp.x = status, 1, -1, x
	return resp
}

// Text returns a response of plain text in UTF-8.
func (r *Request) Text(status int, text string) *Response {
	resp := r.Reply(status)
	resp.Header.Add("Content-Type", "text/plain; charset=utf-8")
	resp.text = text
	return resp
}

// Bytes returns a response with these bytes as its body. They are not copied: they must not change until the response was sent, which
// is when the channel has no output left, or closed.
func (r *Request) Bytes(status int, contentType string, body []byte) *Response {
	resp := r.Reply(status)
	resp.Header.Add("Content-Type", contentType)
	var home buffer.Allocator = buffer.Default
	if r.x != nil && r.x.peer != nil {
		home = r.x.peer.Channel().Cache()
	}
	resp.Body = buffer.Wrap(home, body, nil)
	return resp
}

// Error returns a response that says what its status means, in plain text.
func (r *Request) Error(status int) *Response {
	return r.Text(status, fmt.Sprintf("%d %s\n", status, StatusText(status)))
}

// Upgrade answers a request with resp and hands its connection over to another protocol: the server's stage and all
// behind it are replaced by with, the first of which reads what follows the request. resp has the status 101 and
// the fields Connection and Upgrade, or it is a 2xx answer to CONNECT. The new stages must not be written to before they are
// opened. If the stages do not fit, or the request has a body that was not read, an error is returned and the request
// still waits for its answer. The connection of a CONNECT that is answered otherwise ends with that answer (RFC 9931 section 8).
func (r *Request) Upgrade(resp *Response, with ...pipeline.Stage) error {
	if r.x == nil || r.x.peer == nil {
		resp.release()
		return ErrUpgrade
	}
	return r.x.peer.upgrade(r.x, resp, with)
}

// Upgrade hands the connection of a client over to another protocol, after the server has agreed: by 101, or by 2xx to
// CONNECT. The client's stage and all behind it are replaced by with, the first of which reads what follows the response.
func (r *Response) Upgrade(with ...pipeline.Stage) error {
	if r.x == nil || r.x.peer == nil {
		return ErrUpgrade
	}
	return r.x.peer.upgrade(r.x, r, with)
}
