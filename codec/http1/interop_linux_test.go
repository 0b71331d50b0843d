package http1_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer/buffertest"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/transport"
)

// patience is a deadline that only a failure reaches.
const patience = time.Minute

// mirror answers with what it was asked, in one of several ways that the path names.
func mirror(c *http1.Ctx, r *http1.Request) error {
	resp := r.Reply(200)
	resp.Header.Add("X-Method", r.Method)
	resp.Header.AddBytes("X-Trailer", r.Trailer.Get("X-Sum"))
	switch body := r.TakeBody(); {
	case body == nil && r.Method != "HEAD":
		return c.Write(r.Text(200, "nothing"))
	case string(r.Path()) == "/source":
		resp.Trailer.Add("X-Sum", "42")
		resp.Header.Add("Trailer", "X-Sum")
		s := new(parts)
		for body.Len() > 0 {
			piece := body.Split(min(body.Len(), 10_000))
			s.next = append(s.next, func() (channel.Part, error) { return piece, nil })
		}
		body.Release()
		resp.Source = s
	case string(r.Path()) == "/204":
		resp.Status = 204
		fallthrough
	default:
		resp.Body = body
	}
	return c.Write(resp)
}

// start runs a server on a socket until the test ends.
func start(t *testing.T, server *http1.Server, handler func(*http1.Ctx, *http1.Request) error) (url string) {
	pool := buffertest.Pool(t)
	s := transport.Server{Addr: "127.0.0.1:0", Pool: pool, Logger: slog.New(slog.DiscardHandler), Accept: pipeline.New(func() []pipeline.Stage {
		return []pipeline.Stage{server.Stage(), http1.Serve(handler)}
	})}
	running, err := s.Start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := running.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	return "http://" + running.Addr().String()
}

// The client of net/http talks to our server.
func TestNetHTTPAsClient(t *testing.T) {
	url := start(t, &http1.Server{Limits: http1.Limits{Body: 8 << 20}}, mirror)
	transport := &http.Transport{ExpectContinueTimeout: patience, MaxIdleConnsPerHost: 100}
	client := &http.Client{Transport: transport, Timeout: patience}
	t.Cleanup(client.CloseIdleConnections)
	exchange := func(method, path string, body io.Reader, with func(*http.Request)) (*http.Response, string) {
		req, err := http.NewRequest(method, url+path, body)
		if err != nil {
			t.Error(err)
			return &http.Response{}, ""
		}
		if with != nil {
			with(req)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Errorf("%s %s: %v", method, path, err)
			return &http.Response{}, ""
		}
		defer resp.Body.Close()
		got, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Errorf("%s %s: %v", method, path, err)
		}
		return resp, string(got)
	}
	large := strings.Repeat("0123456789abcdef", 300_000)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 5 {
				if resp, body := exchange("GET", "/", nil, nil); body != "nothing" || resp.ContentLength != 7 {
					t.Errorf("%q", body)
				}
				if resp, body := exchange("HEAD", "/", nil, nil); body != "" || resp.Header.Get("X-Method") != "HEAD" {
					t.Errorf("%q, %v", body, resp.Header)
				}
				for _, path := range []string{"/", "/source"} {
					for _, text := range []string{"x", large[:100_000]} {
						if _, body := exchange("POST", path, strings.NewReader(text), nil); body != text {
							t.Errorf("%s: %d bytes came back of %d", path, len(body), len(text))
						}
						resp, body := exchange("PUT", path, io.MultiReader(strings.NewReader(text)), func(r *http.Request) { // in chunks
							r.Trailer = http.Header{"X-Sum": {"7"}}
							r.Header.Set("Expect", "100-continue")
						})
						if body != text || resp.Header.Get("X-Trailer") != "7" || path == "/source" && resp.Trailer.Get("X-Sum") != "42" {
							t.Errorf("%s: %d bytes came back of %d, %v", path, len(body), len(text), resp.Header)
						}
					}
				}
				if resp, body := exchange("POST", "/204", strings.NewReader("x"), nil); body != "" || resp.StatusCode != 204 {
					t.Errorf("%q", body)
				}
			}
			if _, body := exchange("POST", "/", strings.NewReader(large), nil); body != large {
				t.Errorf("%d bytes came back of %d", len(body), len(large))
			}
			if resp, _ := exchange("GET", "/", nil, func(r *http.Request) { r.Close = true }); !resp.Close {
				t.Error("the connection was not closed")
			}
			if resp, _ := exchange("POST", "/", bytes.NewReader(make([]byte, 9<<20)), func(r *http.Request) { r.Header.Set("Expect", "100-continue") }); resp.StatusCode != 413 {
				t.Errorf("%d", resp.StatusCode)
			}
		})
	}
	all.Wait()
}

// Our client talks to the server of net/http, with requests pipelined.
func TestNetHTTPAsServer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("X-Got", fmt.Sprintf("%s %s %d,%s,", r.Method, r.RequestURI, len(body), r.Trailer.Get("X-Sum")))
		switch r.URL.Path {
		case "/chunks":
			w.Header().Set("Trailer", "X-Sum")
			w.Write(body)
			w.(http.Flusher).Flush()
			w.Write(body)
			w.Header().Set("X-Sum", "42")
		case "/204":
			w.WriteHeader(204)
		case "/close":
			w.Header().Set("Connection", "close")
			w.Write(body)
		case "/hints":
			w.Header().Set("Link", "</a>")
			w.WriteHeader(103)
			w.Write(body)
		default:
			w.Write(body)
		}
	}))
	defer server.Close()
	pool := buffertest.Pool(t)
	client := transport.Client{Pool: pool, Logger: slog.New(slog.DiscardHandler)}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := client.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	stage := new(http1.Client)
	got := make(chan string, 100)
	ended := make(chan error, 1)
	c := &reporter{got: got, ended: ended}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, err := client.Dial(ctx, "tcp", server.Listener.Addr().String(), pipeline.With(stage.Stage(), c)); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"200 GET /0 0,,", "200 POST /1 5,,hello", "200 HEAD /2 0,,", "200 PUT /chunks 9,7,somethingsomething42", "204 POST /204 5,,", "200 PUT /5 100000,," + strings.Repeat("x", 100_000),
		"103", "200 GET /hints 0,,", "200 PUT /7 5,,hello", "200 POST /close 5,,hello",
	} {
		select {
		case text := <-got:
			if text != want {
				t.Errorf("response %d is %.200q, not %.200q", i, text, want)
			}
		case <-ctx.Done():
			t.Fatalf("response %d does not come", i)
		}
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-ctx.Done():
		t.Fatal("the connection is not closed")
	}
}

// reporter sends requests when it is opened, and reports the responses.
type reporter struct {
	pipeline.Ctx[*http1.Request]
	got   chan string
	ended chan error
}

func (c *reporter) Open() error {
	body := func(text string) *http1.Request {
		r := http1.NewRequest("POST", "/")
		r.Body = c.Alloc(len(text))
		r.Body.WriteString(text)
		return r
	}
	source := http1.NewRequest("PUT", "/chunks")
	source.Source = &parts{next: []func() (channel.Part, error){
		func() (channel.Part, error) { b := c.Alloc(4); b.WriteString("some"); return b, nil },
		func() (channel.Part, error) { b := c.Alloc(5); b.WriteString("thing"); return b, nil }}}
	source.Header.Add("Trailer", "X-Sum")
	source.Trailer.Add("X-Sum", "7")
	expects := body("hello")
	expects.Method = "PUT"
	expects.Header.Add("Expect", "100-continue")
	large := body(strings.Repeat("x", 100_000))
	large.Method = "PUT"
	for i, r := range []*http1.Request{http1.NewRequest("GET", "/0"), body("hello"), http1.NewRequest("HEAD", "/2"), source, body("hello"), large,
		http1.NewRequest("GET", "/hints"), expects, body("hello")} {
		switch i {
		case 3, 6:
		case 4:
			r.Target = []byte("/204")
		case 8:
			r.Target = []byte("/close")
		default:
			r.Target = fmt.Appendf(nil, "/%d", i)
		}
		r.Header.Add("Host", "example.org")
		if err := c.Write(r); err != nil {
			return err
		}
	}
	return nil
}

func (c *reporter) Read(r *http1.Response) error {
	text := fmt.Sprint(r.Status)
	if r.Status >= 200 {
		text += " " + r.Header.Text("X-Got")
	}
	if r.Body != nil {
		text += r.Body.Text(0, r.Body.Len())
	}
	c.got <- text + r.Trailer.Text("X-Sum")
	return nil
}

func (c *reporter) Closed(cause error) { c.ended <- cause }
