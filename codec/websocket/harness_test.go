package websocket_test

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec/websocket"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// First bytes of frames.
const (
	fin  = 0x80
	rsv1 = 0x40

	text   = byte(websocket.Text)
	binar  = byte(websocket.Binary)
	cont   = byte(0)
	closes = byte(websocket.Close)
	ping   = byte(websocket.Ping)
	pong   = byte(websocket.Pong)
)

// plain returns a frame as servers send it.
func plain(first byte, payload string) string {
	h := []byte{first}
	switch n := len(payload); {
	case n < 126:
		h = append(h, byte(n))
	case n < 1<<16:
		h = binary.BigEndian.AppendUint16(append(h, 126), uint16(n))
	default:
		h = binary.BigEndian.AppendUint64(append(h, 127), uint64(n))
	}
	return string(h) + payload
}

// masked returns a frame as clients send it. The key depends on the payload, and is never zero.
func masked(first byte, payload string) string {
	f := []byte(plain(first, payload))
	at := len(f) - len(payload)
	f[1] |= 0x80
	key := [4]byte{0x5a, byte(len(payload)), first, 0xc3}
	body := f[at:]
	for i := range body {
		body[i] ^= key[i%4]
	}
	return string(f[:at]) + string(key[:]) + string(body)
}

// closing returns the payload of a Close.
func closing(code int, reason string) string {
	return string(binary.BigEndian.AppendUint16(nil, uint16(code))) + reason
}

// echo returns a stage that sends back what it gets.
func echo() pipeline.Stage {
	return websocket.Serve(func(c *websocket.Ctx, m websocket.Message) error { return c.Write(m) })
}

// A feeding is a way in which input may come.
type feeding struct {
	name string
	feed func(p *pipelinetest.Pipe, in string)
}

// feedings are the ways that all cases go through. Large inputs do not come byte by byte.
func feedings(size int) []feeding {
	ways := []feeding{
		{"whole", func(p *pipelinetest.Pipe, in string) { p.Feed(in) }},
		{"cut at random", func(p *pipelinetest.Pipe, in string) { cut(p, in, 1) }},
	}
	if !testing.Short() {
		ways = append(ways, feeding{"cut at random again", func(p *pipelinetest.Pipe, in string) { cut(p, in, 2) }})
	}
	if size <= 4<<10 {
		ways = append(ways, feeding{"byte by byte", func(p *pipelinetest.Pipe, in string) { p.FeedEach(in) }})
	}
	return ways
}

// cut feeds input in parts of any length, some of them of a few bytes.
func cut(p *pipelinetest.Pipe, in string, seed uint64) {
	r := rand.New(rand.NewPCG(seed, uint64(len(in))))
	for in != "" {
		n := min(len(in), 1+r.IntN(max(len(in)/8, 1<<r.IntN(8))))
		p.Feed(in[:n])
		in = in[n:]
	}
}

// A result is what a peer has seen of a connection.
type result struct {
	out   string
	ended bool
	cause error
}

// serve feeds input to a server with an echo.
func serve(t *testing.T, s *websocket.Server, way feeding, in string) result {
	t.Helper()
	p := pipelinetest.New(t, s.Stage(), echo())
	way.feed(p, in)
	r := result{out: p.Output(), ended: p.Ended()}
	if !r.ended {
		if p.Closed() {
			t.Errorf("%s: closed without an end of the stream", way.name)
		}
		return r
	}
	p.EOF()
	r.cause = p.Cause()
	return r
}

// A caseOf is an input to an echo server, and what must come back.
type caseOf struct {
	name string
	in   string
	want string // frames that come back, without the Close
	// code is that of the Close at the end: 0 if the connection stays open, -1 for a Close without one.
	code int
	// cause tells whether the cause of the end is an error.
	cause bool
}

// check runs cases, each fed in all ways.
func check(t *testing.T, s *websocket.Server, cases []caseOf) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, way := range feedings(len(c.in)) {
				r := serve(t, s, way, c.in)
				rest, ok := strings.CutPrefix(r.out, c.want)
				if !ok {
					t.Fatalf("%s: got %s\nwant %s", way.name, show(r.out), show(c.want))
				}
				var want string
				if c.code != 0 {
					want = "close"
				}
				code, got := closeOf(rest)
				switch {
				case c.code == 0 && (rest != "" || r.ended):
					t.Fatalf("%s: ended=%v behind the messages with %s", way.name, r.ended, show(rest))
				case c.code != 0 && (!got || !r.ended):
					t.Fatalf("%s: no %s: ended=%v with %s, cause %v", way.name, want, r.ended, show(rest), r.cause)
				case c.code != 0 && code != c.code:
					t.Fatalf("%s: closed with %d, not %d (%v)", way.name, code, c.code, r.cause)
				case (r.cause != nil) != c.cause:
					t.Fatalf("%s: cause %v", way.name, r.cause)
				}
				if e := (*websocket.Error)(nil); errors.As(r.cause, &e) && int(e.Code) != code {
					t.Fatalf("%s: cause %v, but closed with %d", way.name, r.cause, code)
				}
			}
		})
	}
}

// closeOf returns the code of the Close that p is.
func closeOf(p string) (int, bool) {
	if len(p) < 2 || p[0] != fin|closes || int(p[1]) != len(p)-2 || len(p) == 3 {
		return 0, false
	}
	if len(p) == 2 {
		return -1, true
	}
	return int(binary.BigEndian.Uint16([]byte(p[2:]))), true
}

// show makes long output readable.
func show(p string) string {
	if len(p) > 200 {
		return fmt.Sprintf("%q... (%d bytes)", p[:200], len(p))
	}
	return fmt.Sprintf("%q", p)
}

// A frame is one of a stream.
type frame struct {
	first   byte
	masked  bool
	payload string
}

// framesOf takes a stream apart. It panics on what is no frame.
func framesOf(p string) (frames []frame) {
	for p != "" {
		f, n := frameOf(p)
		if n == 0 {
			panic(fmt.Sprintf("half a frame: %q", p))
		}
		frames, p = append(frames, f), p[n:]
	}
	return frames
}

// frameOf reads a frame from the front of p, and returns how many bytes it has, 0 if p is too short.
func frameOf(p string) (f frame, n int) {
	if len(p) < 2 {
		return f, 0
	}
	f.first, f.masked = p[0], p[1]&0x80 != 0
	length, at := uint64(p[1]&0x7f), 2
	switch {
	case length == 126 && len(p) >= 4:
		length, at = uint64(binary.BigEndian.Uint16([]byte(p[2:]))), 4
	case length == 127 && len(p) >= 10:
		length, at = binary.BigEndian.Uint64([]byte(p[2:])), 10
	case length >= 126:
		return f, 0
	}
	var key [4]byte
	if f.masked {
		if len(p) < at+4 {
			return f, 0
		}
		at += copy(key[:], p[at:])
	}
	if uint64(len(p)-at) < length {
		return f, 0
	}
	n = at + int(length)
	body := []byte(p[at:n])
	buffer.MaskBytes(body, key, 0)
	f.payload = string(body)
	return f, n
}

// inbox is a last stage that keeps copies of what it gets.
type inbox struct {
	websocket.Ctx
	got   []string // "text:Hello", with "+" behind the kind if more follows, and in front if something came before
	cause error
	done  bool
}

func (s *inbox) Read(m websocket.Message) error {
	defer m.Release()
	kind := m.Kind.String()
	if m.Continued {
		kind = "+" + kind
	}
	if m.More {
		kind += "+"
	}
	s.got = append(s.got, kind+":"+m.Data.Text(0, m.Data.Len()))
	return nil
}

func (s *inbox) Closed(cause error) { s.cause, s.done = cause, true }

func (s *inbox) take() []string {
	got := s.got
	s.got = nil
	return got
}

// acceptOf returns the answer to a key, RFC 6455 section 4.2.2.
func acceptOf(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}
