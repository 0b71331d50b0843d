package static

import (
	"math/rand/v2"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
)

// smallFile is up to how many bytes are copied into a buffer rather than sent by sendfile(2): one call instead of two or three.
// From about 4 KiB on sendfile takes less time, all in all.
const smallFile = 2 << 10

// send answers a request with a file, which it owns.
func (q *call) send(it found) error {
	kind, coding := it.kind, identity
	if q.options.Precompressed {
		var ok bool
		if it, coding, ok = q.encoded(it); !ok {
			it.file.Release()
			return q.refuse(q.r.Error(406))
		}
	}
	status, ranges := it.check(&q.r.Header)
	switch status {
	case 304:
		it.file.Release()
		return q.c.Write(q.fields(q.r.Reply(304), it.entry))
	case 412:
		it.file.Release()
		return q.refuse(q.r.Error(412))
	}
	size := it.file.Size()
	var room [maxRanges]span
	spans := room[:0]
	if q.r.Method == "GET" && ranges { // of other methods it is to be ignored, RFC 9110 section 14.2
		var what asked
		if spans, what = q.asked(spans, size); what == askedNothing {
			it.file.Release()
			resp := q.r.Error(416)
			resp.Header.AddBytes("Content-Range", appendContentRange(nil, span{}, size))
			return q.refuse(resp)
		}
	}
	var resp *http1.Response
	switch len(spans) {
	case 0:
		resp = q.r.Reply(200)
		resp.Header.Add("Content-Type", kind)
		q.body(resp, it, span{0, size})
	case 1:
		var room [72]byte
		resp = q.r.Reply(206)
		resp.Header.Add("Content-Type", kind)
		resp.Header.AddBytes("Content-Range", appendContentRange(room[:0], spans[0], size))
		q.body(resp, it, spans[0])
	default:
		resp = q.r.Reply(206)
		m := newByteRanges(q.c.Channel().Cache(), it.file, kind, spans, rand.Uint64(), rand.Uint64())
		resp.Header.Add("Content-Type", "multipart/byteranges; boundary="+m.boundary)
		if q.direct(it) {
			m.read = q.reader(resp)
		}
		resp.Source, resp.Length = m, m.length()
	}
	if coding != identity {
		resp.Header.Add("Content-Encoding", codingNames[coding])
	}
	resp.Header.Add("Accept-Ranges", "bytes")
	return q.c.Write(q.fields(resp, it.entry))
}

// asked returns what the request asks for. Several Range fields are no Range field.
func (q *call) asked(dst []span, size int64) (spans []span, what asked) {
	var value []byte
	n := 0
	for v := range q.r.Header.Values("Range") {
		value = v
		n++
	}
	if n != 1 {
		return dst, askedAll
	}
	return parseRange(dst, value, size)
}

// refuse sends what is wrong with the fields of a request about a file that is there. Options.Header is not for that: with a
// Cache-Control that is meant for the file, caches would give the answer to others, whose requests are in order (RFC 9111 section 3).
func (q *call) refuse(resp *http1.Response) error {
	q.vary(resp)
	return q.c.Write(resp)
}

// vary says that the answer depends on what the client accepts, if it does.
func (q *call) vary(resp *http1.Response) {
	if q.options.Precompressed {
		resp.Header.Add("Vary", "Accept-Encoding")
	}
}

// fields adds the fields that do not depend on the body: those about the file, if e is not nil, and those that are sent always.
func (q *call) fields(resp *http1.Response, e *entry) *http1.Response {
	h := &resp.Header
	if e != nil {
		if e.modified != "" {
			h.Add("Last-Modified", e.modified)
		}
		h.Add("ETag", e.etag)
	}
	q.vary(resp)
	for i := range q.options.Header {
		h.Add(q.options.Header[i].Name, q.options.Header[i].Value)
	}
	return resp
}

// body gives a response a part of a file as its body.
func (q *call) body(resp *http1.Response, it found, s span) {
	switch {
	case q.r.Method == "GET" && s.n <= smallFile && q.small(resp, it.file, s):
		it.file.Release()
	case q.r.Method == "GET" && q.direct(it):
		part := it.file.Slice(s.off, s.n)
		it.file.Release()
		resp.Source, resp.Length = q.reader(resp)(part), s.n
	case s.n == it.file.Size():
		resp.File = it.file
	default:
		resp.File = it.file.Slice(s.off, s.n)
		it.file.Release()
	}
}

// direct tells whether a file is to be read past the page cache.
func (q *call) direct(it found) bool {
	return q.options.DirectIO > 0 && it.stamp.size >= q.options.DirectIO
}

// reader returns how parts of a file become sources of a response. They own them.
func (q *call) reader(resp *http1.Response) func(*channel.File) *channel.Direct {
	l, w := q.c.Channel().Loop(), &q.workers
	return func(part *channel.File) *channel.Direct { return channel.NewDirect(l, w, part, resp.Resume) }
}

// small makes a body of a few bytes that are in the page cache, and tells whether it could.
func (q *call) small(resp *http1.Response, file *channel.File, s span) bool {
	if s.n == 0 {
		return true
	}
	b, err := q.c.Channel().Cache().TryAlloc(int(s.n))
	if err != nil {
		return false
	}
	n := q.root.readNow(file, b.Tail(int(s.n))[:s.n], s.off)
	if int64(n) < s.n {
		b.Release()
		return false
	}
	b.Commit(n)
	resp.Body = b
	return true
}

// encoded finds what the client accepts best of a file: the file itself, or a precompressed one beside it, whose place it then
// takes. A precompressed file that is older than the other is out of date; times are compared in seconds, since archives keep
// no more of them. It returns false if the client accepts none (RFC 9110 section 12.5.3).
func (q *call) encoded(it found) (found, coding, bool) {
	c := accepted(&q.r.Header)
	for _, coding := range c.list[:c.n] {
		if coding == identity {
			return it, identity, true
		}
		other, err := q.find(append(append((*scratch.Of(q.c.Channel().Loop()))[:0], it.path...), codingSuffixes[coding]...))
		if err != nil {
			continue
		}
		if other.seconds < it.seconds {
			other.file.Release()
			continue
		}
		it.file.Release()
		return other, coding, true
	}
	return it, identity, false
}
