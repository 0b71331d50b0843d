package http1_test

import (
	"fmt"
	"strings"
	"testing"
)

// Requests that come together are answered in their order (RFC 9112 section 9.3.2); what is behind a bad one is not looked at.
func TestPipelining(t *testing.T) {
	path := func(n int) string { return fmt.Sprintf("GET /%d HTTP/1.1\r\nHost: h\r\n\r\n", n) }
	many := func(n int) (in, want string) {
		for i := range n {
			in += path(i)
			want += fmt.Sprintf("GET /%d | ", i)
		}
		return in, want
	}
	in16, want16 := many(16)
	in200, want200 := many(200)
	chunk := chunks("5\r\nhello\r\n0\r\n\r\n")
	length := post("Content-Length: 5\r\n", "hello")
	wantLength := `POST / content-length=5 "hello"`
	table(t, []row{
		{name: "two", in: get() + get(), want: "GET / | GET / | open"},
		{name: "16", in: in16, want: want16 + "open"},
		{name: "200", in: in200, want: want200 + "open"},
		{name: "with bodies", in: length + get() + chunk + length + chunk + get(),
			want: wantLength + " | GET / | " + chunky("hello") + " | " + wantLength + " | " + chunky("hello") + " | GET / | open"},
		{name: "HEAD between", in: get() + line("HEAD / HTTP/1.1") + get(), want: "GET / | HEAD / | GET / | open"},
		{name: "several HEAD", in: strings.Repeat(line("HEAD / HTTP/1.1"), 3), want: "HEAD / | HEAD / | HEAD / | open"},
		{name: "trailer between", in: chunks("0\r\nA: b\r\n\r\n") + get(), want: chunky("") + " {a=b} | GET / | open"},
		{name: "last begun", in: get() + "GET / HT", want: "GET / | wait"},
		{name: "last without its body", in: get() + post("Content-Length: 5\r\n", "hell"), want: "GET / | wait"},
		{name: "bad second", in: get() + "GET /\x00 HTTP/1.1\r\n\r\n", want: "GET / | 400 | close"},
		{name: "bad third", in: get() + get() + "G@T / HTTP/1.1\r\n\r\n", want: "GET / | GET / | 400 | close"},
		{name: "bad between", in: get() + get("A : b\r\n") + get(), want: "GET / | 400 | close"},
		{name: "bad behind 16", in: in16 + "bad\r\n\r\n" + in16, want: want16 + "400 | close"},
		{name: "bad behind a body", in: length + "\x00", want: wantLength + " | 400 | close"},
		{name: "bad behind chunks", in: chunk + "\x00", want: chunky("hello") + " | 400 | close"},
		{name: "bad chunk behind a good one", in: get() + chunks("5\r\nhelloX") + get(), want: "GET / | 400 | close"},
		{name: "version behind a good one", in: get() + line("GET / HTTP/2.0"), want: "GET / | 505 | close"},
		{name: "coding behind a good one", in: get() + post("Transfer-Encoding: gzip, chunked\r\n", "") + get(), want: "GET / | 501 | close"},
		{name: "no Host behind a good one", in: get() + "GET / HTTP/1.1\r\n\r\n" + get(), want: "GET / | 400 | close"},
		{name: "smuggled by both lengths", in: get() + post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n") + get(), want: "GET / | 400 | close"},
		{name: "closed between", in: get() + get("Connection: close\r\n") + get() + get(), want: "GET / | GET / connection=close | close"},
		{name: "fields do not leak", in: get("A: b\r\nC: d\r\n") + get() + get("E: f\r\n"), want: "GET / a=b c=d | GET / | GET / e=f | open"},
		{name: "bodies do not leak", in: length + post("Content-Length: 0\r\n", "") + get(), want: wantLength + " | POST / content-length=0 | GET / | open"},
		{name: "trailers do not leak", in: chunks("0\r\nA: b\r\n\r\n") + chunk + get(), want: chunky("") + " {a=b} | " + chunky("hello") + " | GET / | open"},
		{name: "expectations do not leak", in: post("Expect: 100-continue\r\nContent-Length: 1\r\n", "x") + length,
			want: `POST / expect=100-continue content-length=1 "x" | ` + wantLength + " | open"},
		{name: "large between", in: get() + post("Content-Length: 100000\r\n", strings.Repeat("x", 100_000)) + get(),
			want: `GET / | POST / content-length=100000 "` + strings.Repeat("x", 100_000) + `" | GET / | open`},
	})
}

// Answers that come late stay in order, and what is behind them waits without being lost.
func TestLateAnswers(t *testing.T) {
	l := newLab(t)
	defer l.close()
	tr := l.start(way{name: "late", feed: whole, late: true}, nil)
	p := tr.pipe
	p.Feed(strings.Repeat(get(), 3))
	if out := p.Output(); out != "" || len(tr.seen) != 1 {
		t.Fatalf("%d requests are under way, and %q was answered", len(tr.seen), out)
	}
	p.Feed(get() + "bad\x00")
	p.Advance(answerAfter)
	oneResponse(t, p.Output(), false, "GET")
	if len(tr.seen) != 2 {
		t.Fatalf("%d requests, not 2", len(tr.seen))
	}
	p.Advance(10 * answerAfter)
	all, err := parseResponses(p.Output(), p.Ended(), nil)
	if err != nil || len(all) != 4 || all[3].status != 400 || !p.Ended() {
		t.Errorf("%v: %+v, ended %v", err, all, p.Ended())
	}
	tr.end()
}

// A connection whose handler has not answered yet reads no more than one request ahead of it, whatever the peer sends.
func TestNoReadingAhead(t *testing.T) {
	l := newLab(t)
	defer l.close()
	tr := l.start(way{name: "late", feed: whole, late: true}, nil)
	p := tr.pipe
	const n = 2000
	for range n {
		p.Feed(get())
	}
	if p.Reading() || p.Unread() < (n-2)*len(get()) {
		t.Errorf("reading %v, %d bytes of %d are still unread", p.Reading(), p.Unread(), n*len(get()))
	}
	for range n {
		p.Advance(answerAfter)
	}
	if len(tr.seen) != n || tr.answered != n {
		t.Errorf("%d requests were seen, %d answered", len(tr.seen), tr.answered)
	}
	tr.end()
}

// A peer that asks and does not take the answers is not read for ever.
func TestAnswersThatNobodyTakes(t *testing.T) {
	l := newLab(t)
	defer l.close()
	tr := l.start(way{name: "stalled", feed: whole}, nil)
	p := tr.pipe
	p.Stall()
	long := "GET /" + strings.Repeat("x", 5000) + " HTTP/1.1\r\nHost: h\r\n\r\n"
	const n = 100
	for range n {
		p.Feed(long)
	}
	if len(tr.seen) > 30 || p.Reading() || p.Unread() == 0 {
		t.Errorf("%d requests were handled, reading %v", len(tr.seen), p.Reading())
	}
	p.Unstall()
	all, err := parseResponses(p.Output(), p.Ended(), nil)
	if err != nil || len(all) != n || len(tr.seen) != n {
		t.Errorf("%v, %d answers to %d requests", err, len(all), len(tr.seen))
	}
	tr.end()
}
