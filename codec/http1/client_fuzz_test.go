package http1_test

import (
	"bufio"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
)

// answerFragments are what bytes from 0x80 on stand for.
var answerFragments = []string{
	"\r\n", "\r\n\r\n", "\n", "\r", " ", "\t", "\x00", "\xff", ":", ",", "0", "5", "a",
	"HTTP/1.1 200 OK\r\n", "HTTP/1.1 200\r\n", "HTTP/1.1 204 No Content\r\n", "HTTP/1.1 304 X\r\n", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 X\r\n", "HTTP/1.0 200 OK\r\n", "HTTP/1.1 404 \r\n", "HTTP/1.",
	"Content-Length: 5\r\n", "Content-Length: 0\r\n", "Content-Length: 0\r\n\r\n", "Content-Length:", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding:", "chunked", "Connection: close\r\n",
	"Connection: keep-alive\r\n", "A: b\r\n", "A:", "hello", "5\r\nhello\r\n", "0\r\n\r\n", "0\r\n", "5;a=b\r\nhello\r\n", "fff\r\n", "ffffffffffffffff", "A: b\r\n\r\n", " b\r\n",
	ok5, okNot, ok("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"), ok("Content-Length: 5\r\nConnection: close\r\n", "hello"), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
}

func mixedAnswer(in string) string {
	var b strings.Builder
	for i := range len(in) {
		if n := int(in[i]) - 0x80; n >= 0 {
			b.WriteString(answerFragments[n%len(answerFragments)])
		} else {
			b.WriteByte(in[i])
		}
	}
	return b.String()
}

// FuzzClient: nothing depends on how the input is cut, nothing leaks, and what we take for a response net/http does as well.
func FuzzClient(f *testing.F) {
	for _, s := range []string{"", ok5, okNot + ok5, continued + ok5, ok("", "hello"), "HTTP/1.1 204 No Content\r\n\r\n" + ok5, ok("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\nA: b\r\n\r\n") + ok5,
		"HTTP/1.0 200 OK\r\n\r\nhello", "HTTP/1.1 200\r\n\r\n", ok("A : b\r\n", ""), ok("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "")} {
		f.Add(s, uint8(0), true)
		f.Add(s, uint8(0x55), false)
	}
	f.Fuzz(func(t *testing.T, in string, heads uint8, eof bool) {
		if in = mixedAnswer(in); len(in) <= 4000 {
			everyAnswer(t, in, heads, eof)
		}
	})
}

// TestMixedAnswers does what the fuzz target does with responses that are put together at random.
func TestMixedAnswers(t *testing.T) {
	d := rand.New(rand.NewPCG(3, 4))
	rounds := 1500
	if testing.Short() {
		rounds = 400
	}
	for n := range rounds {
		p := make([]byte, 1+d.IntN(10))
		for i := range p {
			p[i] = byte(0x80 + d.IntN(len(answerFragments)))
		}
		if everyAnswer(t, mixedAnswer(string(p)), uint8(d.IntN(256)), n%2 == 0); t.Failed() {
			return
		}
	}
}

// everyAnswer sends three requests, those with a bit in heads as HEAD, and plays an input in many ways.
func everyAnswer(t *testing.T, in string, heads uint8, eof bool) {
	var methods []string
	for i := range 3 {
		methods = append(methods, []string{"GET", "HEAD"}[heads>>i&1])
	}
	if !eof { // a head is looked at again when a line has ended, so what is wrong in it may be seen only then
		in += "\r\n"
	}
	l := newLab(t)
	defer l.close()
	d := dice(in)
	var first []string
	for _, w := range []way{
		{name: "whole", feed: whole},
		{name: "cut", feed: cut(d.IntN(len(in)/2+1), len(in)/2+d.IntN(len(in)/2+1))},
		{name: "in pieces", feed: pieces(1 + d.IntN(9))},
		{name: "byte by byte", feed: each},
		{name: "paused", feed: whole, pause: true},
		{name: "streamed", feed: whole, stream: true},
		{name: "streamed byte by byte", feed: each, stream: true},
	} {
		c := l.dial(w, &http1.Client{Limits: http1.Limits{Body: 3000}})
		c.pipe.Do(func(*channel.Channel) {
			for _, m := range methods {
				c.ask(m)
			}
		})
		c.feedAll(w, in, eof)
		got := c.result()
		switch {
		case first == nil:
			first = got
			c.likeNetHTTP(in, methods, got, eof)
		case !slices.Equal(got, first):
			c.Errorf("\nsent  %q to %v\ngot   %s (%v)\nwhole %s", in, methods, strings.Join(got, " | "), c.cause, strings.Join(first, " | "))
		}
		if !c.end() {
			return
		}
	}
}

// likeNetHTTP reads the same responses by net/http.
func (c *call) likeNetHTTP(in string, methods, got []string, eof bool) {
	r := bufio.NewReader(strings.NewReader(in))
	asked := 0
	for i, ours := range got[:len(got)-1] {
		if asked == len(methods) {
			c.Errorf("%q: response %d is one too many", in, i+1)
			return
		}
		resp, err := http.ReadResponse(r, &http.Request{Method: methods[asked]})
		if err != nil {
			// It looks at fields that do not apply where there is no body: RFC 9112 section 6.3, rule 1.
			bodiless := methods[asked] == "HEAD" || strings.HasPrefix(ours, "1") || strings.HasPrefix(ours, "204") || strings.HasPrefix(ours, "304")
			if !bodiless || !strings.Contains(ours, "transfer-encoding=") && !strings.Contains(ours, "content-length=") {
				c.Errorf("%q: response %d is accepted, and by net/http it is not: %v", in, i+1, err)
			}
			return
		}
		if resp.StatusCode >= 200 {
			asked++
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			if !strings.Contains(in, "000000") { // it counts the digits of a chunk's size
				c.Errorf("%q: the body of response %d is accepted, and by net/http it is not: %v", in, i+1, err)
			}
			return
		}
		if status := strconv.Itoa(resp.StatusCode); !strings.HasPrefix(ours, status) || len(body) > 0 && !strings.Contains(ours, " "+strconv.Quote(string(body))) {
			c.Errorf("%q: response %d is %s, and for net/http it is a %d of %q", in, i+1, ours, resp.StatusCode, body)
			return
		}
	}
}

// A client that sends and gets allocates nothing on the Go heap but what its caller makes.
func TestNoAllocationsOfClient(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	for name, in := range map[string]string{
		"length": ok("Server: x\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n", "hello"),
		"empty":  okNot,
		"chunks": ok("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"),
	} {
		for _, depth := range []int{1, 16} {
			responses := 0
			p, c := connect(t, nil, func(r *http1.Response) error {
				responses++
				return nil
			})
			p.Conn.Wire.Discard()
			all := strings.Repeat(in, depth)
			requests := make([]*http1.Request, depth)
			for i := range requests {
				requests[i] = newGet("/")
			}
			round := func() {
				for _, r := range requests {
					if err := c.Write(r); err != nil {
						t.Error(err)
					}
				}
				p.Loop.Loop.Turn()
				burst(p, all)
			}
			round()
			if n := testing.AllocsPerRun(100, round); n != 0 {
				t.Errorf("%s, %d at a time: %v allocations", name, depth, n)
			}
			if responses != depth*102 || p.Ended() {
				t.Errorf("%s: %d responses, ended %v because of %v", name, responses, p.Ended(), c.cause)
			}
		}
	}
}

// TestIdleClientHoldsNothing: a connection between two requests has no buffer.
func TestIdleClientHoldsNothing(t *testing.T) {
	for _, in := range []string{ok5, okNot, ok("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\nA: b\r\n\r\n"), continued + ok5} {
		for _, stream := range []bool{false, true} {
			for _, f := range []func(*pipe, string){whole, each} {
				p, c := connect(t, &http1.Client{Stream: stream}, nil)
				_, before := held(p)
				c.Write(newGet("/"))
				f(p, in)
				if _, handles := held(p); handles != before || p.Ended() {
					t.Errorf("%q: %d handles are held by an idle connection", in, handles-before)
				}
			}
		}
	}
}
