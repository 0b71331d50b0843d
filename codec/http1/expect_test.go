package http1_test

import (
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

const continued = "HTTP/1.1 100 Continue\r\n\r\n"

// serve opens a connection to a server. Nil stands for the zero Server.
func serve(t testing.TB, server *http1.Server, handler func(*http1.Ctx, *http1.Request) error) *pipelinetest.Pipe {
	t.Helper()
	if server == nil {
		server = new(http1.Server)
	}
	return pipelinetest.New(t, server.Stage(), http1.Serve(handler))
}

// text answers every request with what was seen of it.
func text(c *http1.Ctx, r *http1.Request) error { return c.Write(r.Text(200, show(r))) }

// RFC 9110 section 10.1.1, for requests of which the body is there, or is not waited for.
func TestExpect(t *testing.T) {
	const expect = "Expect: 100-continue\r\n"
	small := &http1.Server{Limits: http1.Limits{Body: 10}}
	table(t, []row{
		{name: "with the body", in: post(expect+"Content-Length: 5\r\n", "hello"), want: `POST / expect=100-continue content-length=5 "hello" | open`},
		{name: "with chunks", in: post(expect+chunkedField, "5\r\nhello\r\n0\r\n\r\n"),
			want: `POST / expect=100-continue transfer-encoding=chunked "hello" | open`},
		{name: "in upper case", in: post("EXPECT: 100-CONTINUE\r\nContent-Length: 5\r\n", "hello"),
			want: `POST / expect=100-CONTINUE content-length=5 "hello" | open`},
		{name: "without a body", in: get(expect), want: "GET / expect=100-continue | open"},
		{name: "with an empty body", in: post(expect+"Content-Length: 0\r\n", ""), want: "POST / expect=100-continue content-length=0 | open"},
		{name: "in 1.0", in: "POST / HTTP/1.0\r\n" + expect + "Content-Length: 5\r\n\r\nhello",
			want: `POST / 1.0 expect=100-continue content-length=5 "hello" | close`},
		{name: "unknown", in: get("Expect: 200-ok\r\n"), want: "417 | close"},
		{name: "unknown, with a body", in: post("Expect: x\r\nContent-Length: 5\r\n", "hello"), want: "417 | close"},
		{name: "unknown in a list", in: get("Expect: 100-continue, x\r\n"), want: "417 | close"},
		{name: "misspelt", in: get("Expect: 100-continued\r\n"), want: "417 | close"},
		{name: "with a parameter", in: get("Expect: 100-continue;q=1\r\n"), want: "417 | close"},
		{name: "too large", with: small, in: post(expect+"Content-Length: 11\r\n", ""), want: "413 | close"},
		{name: "bad length", in: post(expect+"Content-Length: x\r\n", ""), want: "400 | close"},
		{name: "both lengths", in: post(expect+"Content-Length: 5\r\n"+chunkedField, ""), want: "400 | close"},
		{name: "bad chunk", in: post(expect+chunkedField, "x"), want: "400 | close"},
	})
}

// When 100 Continue is sent, and when not.
func TestContinue(t *testing.T) {
	small := http1.Limits{Body: 10}
	for _, c := range []struct {
		name, head, body string
		want             string // behind the head: "100", "", or a status
	}{
		{"length", post("Expect: 100-continue\r\nContent-Length: 5\r\n", ""), "hello", "100"},
		{"chunks", post("Expect: 100-continue\r\n"+chunkedField, ""), "5\r\nhello\r\n0\r\n\r\n", "100"},
		{"case", post("expect: 100-Continue\r\nContent-Length: 5\r\n", ""), "hello", "100"},
		{"of a GET", get("Expect: 100-continue\r\nContent-Length: 5\r\n"), "hello", "100"},
		{"not asked", post("Content-Length: 5\r\n", ""), "hello", ""},
		{"1.0", "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n", "hello", ""},
		{"no body", get("Expect: 100-continue\r\n"), "", "200"},
		{"length 0", post("Expect: 100-continue\r\nContent-Length: 0\r\n", ""), "", "200"},
		{"too large", post("Expect: 100-continue\r\nContent-Length: 11\r\n", ""), "", "413"},
		{"unknown", post("Expect: fast\r\nContent-Length: 5\r\n", ""), "", "417"},
		{"bad", post("Expect: 100-continue\r\nContent-Length: +5\r\n", ""), "", "400"},
		{"unknown coding", post("Expect: 100-continue\r\nTransfer-Encoding: gzip, chunked\r\n", ""), "", "501"},
	} {
		for _, stream := range []bool{false, true} {
			t.Run(c.name, func(t *testing.T) {
				w := witness{way: way{stream: stream}}
				p := serve(t, &http1.Server{Limits: small, Stream: stream}, w.handle)
				for n := range len(c.head) {
					if out := p.Output(); out != "" {
						t.Fatalf("%q after %d bytes of the head", out, n)
					}
					p.Feed(c.head[n : n+1])
				}
				switch out := p.Output(); {
				case c.want == "100" && out != continued, c.want == "" && out != "":
					t.Fatalf("%q behind the head", out)
				case len(c.want) == 3 && !strings.HasPrefix(out, "HTTP/1.1 "+c.want+" "):
					t.Fatalf("%q behind the head", out)
				case c.body == "":
					return
				}
				p.Feed(c.body)
				if r := oneResponse(t, p.Output(), p.Ended(), "POST"); r.status != 200 || !strings.Contains(r.body, `"hello"`) {
					t.Errorf("%+v", r)
				}
			})
		}
	}
}

// A client that sends the body before it was asked for it, as it may, needs no 100.
func TestContinueNotNeeded(t *testing.T) {
	p := serve(t, nil, text)
	p.Feed(post("Expect: 100-continue\r\nContent-Length: 5\r\n", "he"))
	p.Feed("llo")
	if out := p.Output(); strings.Contains(out, "100 Continue") || !strings.Contains(out, `"hello"`) {
		t.Errorf("%q", out)
	}
}

// A handler of a streaming server decides: 100 is sent when it wants the body, and if it answers without wanting it, the
// connection ends, since the client may or may not send it then.
func TestContinueStreamed(t *testing.T) {
	var asked *http1.Request
	var ctx *http1.Ctx
	p := serve(t, &http1.Server{Stream: true}, func(c *http1.Ctx, r *http1.Request) error {
		if string(r.Target) == "/no" {
			return c.Write(r.Text(403, "no"))
		}
		asked, ctx = r, c
		return nil
	})
	p.Feed(post("Expect: 100-continue\r\nContent-Length: 5\r\n", ""))
	if out := p.Output(); out != "" {
		t.Fatalf("%q before the body was wanted", out)
	}
	w := witness{way: way{stream: true}}
	w.handle(ctx, asked)
	if out := p.Output(); out != "" {
		t.Log("it is sent at once")
		if out != continued {
			t.Fatalf("%q when the body is wanted", out)
		}
	} else {
		p.Loop.Settle()
		if out := p.Output(); out != continued {
			t.Fatalf("%q when the body is wanted", out)
		}
	}
	p.Feed("hello")
	if r := oneResponse(t, p.Output(), p.Ended(), "POST"); r.status != 200 || p.Ended() {
		t.Errorf("%+v", r)
	}
	p.Feed("POST /no HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
	if r := oneResponse(t, p.Output(), p.Ended(), "POST"); r.status != 403 || r.get("connection") != "close" || !p.Ended() {
		t.Errorf("%+v, ended %v", r, p.Ended())
	}
}

// Interim responses of the handler.
func TestInterim(t *testing.T) {
	hints := func(c *http1.Ctx, r *http1.Request) error {
		early := r.Reply(103)
		early.Header.Add("Link", "</style.css>; rel=preload")
		if err := c.Write(early); err != nil {
			return err
		}
		if err := c.Write(r.Reply(102)); err != nil {
			return err
		}
		return text(c, r)
	}
	p := serve(t, nil, hints)
	p.Feed(get() + line("HEAD / HTTP/1.1"))
	all, err := parseResponses(p.Output(), p.Ended(), []string{"GET", "HEAD"})
	if err != nil || len(all) != 6 || all[0].status != 103 || all[0].get("link") == "" || all[1].status != 102 || all[2].status != 200 || all[4].status != 102 {
		t.Errorf("%v %+v", err, all)
	}
	p = serve(t, nil, hints)
	p.Feed("GET / HTTP/1.0\r\n\r\n") // RFC 9110 section 15.2: none to a client that does not know them
	if r := oneResponse(t, p.Output(), p.Ended(), "GET"); r.status != 200 {
		t.Errorf("%+v", r)
	}
}
