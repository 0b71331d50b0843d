package http1_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// RFC 6585 section 5: 431 for heads that are too large, as a whole or in one field.
func TestHeadLimits(t *testing.T) {
	small := &http1.Server{Limits: http1.Limits{Head: 200, Fields: 5}}
	fields := func(n int) string { return strings.Repeat("A: b\r\n", n) }
	exact := "X: " + strings.Repeat("x", 200-len(get("X: \r\n"))) + "\r\n" // makes a head of exactly 200 bytes
	table(t, []row{
		{name: "5 fields", with: small, in: get(fields(4)), want: "GET / a=b a=b a=b a=b | open"}, // and Host
		{name: "6 fields", with: small, in: get(fields(5)), want: "431 | close"},
		{name: "6 fields, no end", with: small, in: "GET / HTTP/1.1\r\n" + fields(6), want: "431 | close"},
		{name: "6 fields, more follows", with: small, in: get(fields(5)) + get(), want: "431 | close"},
		{name: "head of 200", with: small, in: get(exact), want: "GET / x=" + exact[3:len(exact)-2] + " | open"},
		{name: "head of 201", with: small, in: get("X" + exact), want: "431 | close"},
		{name: "large field", with: small, in: get("A: " + strings.Repeat("b", 300) + "\r\n"), want: "431 | close"},
		{name: "large name", with: small, in: get(strings.Repeat("a", 300) + ": b\r\n"), want: "431 | close"},
		{name: "large field without end", with: small, in: "GET / HTTP/1.1\r\nHost: h\r\nA: " + strings.Repeat("b", 300), want: "431 | close"},
		{name: "large name without end", with: small, in: "GET / HTTP/1.1\r\nHost: h\r\n" + strings.Repeat("a", 300), want: "431 | close"},
		{name: "spaces without end", with: small, in: "GET / HTTP/1.1\r\nHost: h\r\nA:" + strings.Repeat(" ", 300), want: "431 | close"},
		{name: "large in all", with: small, in: get("A: "+strings.Repeat("b", 90)+"\r\n", "C: "+strings.Repeat("d", 90)+"\r\n"), want: "431 | close"},
		{name: "behind a good one", with: small, in: get() + get(fields(5)), want: "GET / | 431 | close"},
		{name: "wrong before the limit", with: small, in: get("A : b\r\n", "B: "+strings.Repeat("b", 300)+"\r\n"), want: "400 | close"},
		{name: "wrong behind the limit", with: small, in: get("A: "+strings.Repeat("b", 300)+"\r\n", "B : b\r\n"), want: "431 | close"},
		{name: "no Host and too large", with: small, in: "GET / HTTP/1.1\r\nA: " + strings.Repeat("b", 300) + "\r\n\r\n", want: "431 | close"},
		{name: "small, with a large body", with: small, in: post("Content-Length: 1000\r\n", strings.Repeat("x", 1000)),
			want: `POST / content-length=1000 "` + strings.Repeat("x", 1000) + `" | open`},
		{name: "16 of 100 bytes", with: small, in: strings.Repeat(get("A: "+strings.Repeat("b", 60)+"\r\n"), 16),
			want: strings.Repeat("GET / a="+strings.Repeat("b", 60)+" | ", 16) + "open"},
		{name: "50 fields by default", in: get(fields(50)), want: "GET /" + strings.Repeat(" a=b", 50) + " | open"},
		{name: "10,000 fields by default", in: get(fields(10_000)), want: "431 | close"},
		{name: "8 KB by default", in: get("A: " + strings.Repeat("b", 8000) + "\r\n"), want: "GET / a=" + strings.Repeat("b", 8000) + " | open"},
		{name: "200 KB by default", in: get("A: " + strings.Repeat("b", 200_000) + "\r\n"), want: "431 | close"},
	})
}

// 413, RFC 9110 section 15.5.14.
func TestBodyLimits(t *testing.T) {
	small := &http1.Server{Limits: http1.Limits{Body: 10}}
	unlimited := &http1.Server{Limits: http1.Limits{Body: -1}}
	ten := strings.Repeat("x", 10)
	long := strings.Repeat("x", 3<<20)
	table(t, []row{
		{name: "10", with: small, in: post("Content-Length: 10\r\n", ten), want: `POST / content-length=10 "` + ten + `" | open`},
		{name: "11", with: small, in: post("Content-Length: 11\r\n", ten+"x"), want: "413 | close"},
		{name: "11 announced", with: small, in: post("Content-Length: 11\r\n", ""), want: "413 | close"},
		{name: "11, more follows", with: small, in: post("Content-Length: 11\r\n", ten+"x") + get(), want: "413 | close"},
		{name: "chunks of 10", with: small, in: chunks("5\r\nxxxxx\r\n5\r\nxxxxx\r\n0\r\n\r\n"), want: chunky(ten) + " | open"},
		{name: "chunks of 11", with: small, in: chunks("5\r\nxxxxx\r\n6\r\nxxxxxx\r\n0\r\n\r\n"), want: "413 | close"},
		{name: "one chunk of 11", with: small, in: chunks("b\r\nxxxxxxxxxxx\r\n0\r\n\r\n"), want: "413 | close"},
		{name: "one chunk of 11 announced", with: small, in: chunks("b\r\n"), want: "413 | close"},
		{name: "11 times one", with: small, in: chunks(strings.Repeat("1\r\nx\r\n", 11) + "0\r\n\r\n"), want: "413 | close"},
		{name: "large size", with: small, in: chunks("7fffffffffffffff\r\n"), want: "413 | close"},
		{name: "behind a good one", with: small, in: get() + post("Content-Length: 11\r\n", ten+"x"), want: "GET / | 413 | close"},
		{name: "64 KiB by default", in: post("Content-Length: 65536\r\n", long[:1<<16]), want: `POST / content-length=65536 "` + long[:1<<16] + `" | open`},
		{name: "3 MiB by default", in: post("Content-Length: 3145728\r\n", ""), want: "413 | close"},
	})
	l := newLab(t)
	defer l.close()
	for _, w := range []way{
		{name: "whole", feed: whole},
		{name: "in two", feed: cut(1 << 20)},
		{name: "streamed", feed: whole, stream: true},
	} {
		r := row{with: unlimited, in: post("Content-Length: 3145728\r\n", long), want: `POST / content-length=3145728 "` + long + `" | open`}
		r.playOnce(l, w)
		r = row{with: unlimited, in: chunks("200000\r\n" + long[:2<<20] + "\r\n100000\r\n" + long[:1<<20] + "\r\n0\r\n\r\n"), want: chunky(long) + " | open"}
		r.playOnce(l, w)
		r = row{in: chunks("80000\r\n" + long[:1<<19] + "\r\n80001\r\n" + long[:1<<19+1] + "\r\n0\r\n\r\n"), want: "413 | close"}
		r.playOnce(l, w)
	}
}

// What a bad request is answered with says what was wrong, to people.
func TestErrorText(t *testing.T) {
	for in, want := range map[string]string{
		"GET / HTTP/1.1\r\n\r\n":                    "Host",
		get("A : b\r\n"):                            "colon",
		get("A: b\r\n c\r\n"):                       "fold",
		post("Content-Length: +5\r\n", ""):          "Content-Length",
		post("Content-Length: 9999999999\r\n", ""):  "body",
		get("Expect: x\r\n"):                        "expect",
		line("GET /" + strings.Repeat("x", 70_000)): "long",
		get(strings.Repeat("A: b\r\n", 10_000)):     "fields",
		chunks("x"):                                 "chunk",
	} {
		l := newLab(t)
		tr := l.start(way{name: "whole", feed: whole}, nil)
		tr.play(in, false)
		r := oneResponse(t, tr.out, tr.pipe.Ended(), "GET")
		text := strings.ToLower(fmt.Sprint(r.reason, r.body))
		if !strings.Contains(text, strings.ToLower(want)) || !strings.HasPrefix(r.get("content-type"), "text/plain") || r.body == "" {
			t.Errorf("%.100q: %+v", in, r)
		}
		tr.end()
		l.close()
	}
}

// What a connection has left of a head is nothing to the next one: a bad byte is refused when it comes.
func TestHeadsApart(t *testing.T) {
	for _, left := range []string{"GET / HTTP/1.1\r\nA: b", "GET / HTTP/1.1\r\nA", "GET / HTTP/1.1\r\nA: \t", "GET /"} {
		p := serve(t, nil, text)
		p.Feed(left)
		q := pipelinetest.Config{Loop: p.Loop}.New(t, (&http1.Server{}).Stage(), http1.Serve(text))
		q.Feed("GE")
		q.Feed("(")
		if r := oneResponse(t, q.Output(), q.Ended(), "GET"); r.status != 400 || !q.Ended() {
			t.Errorf("behind %q: %+v, ended %v", left, r, q.Ended())
		}
	}
}
