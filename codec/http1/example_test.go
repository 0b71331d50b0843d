package http1_test

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// A server greets whoever asks. In a program, the function that pipeline.New returns is transport.Server.Accept.
func Example() {
	channeltest.Example(func(t testing.TB) {
		server := &http1.Server{}
		accept := pipeline.New(func() []pipeline.Stage {
			return []pipeline.Stage{server.Stage(), http1.Serve(greet)}
		})

		peer := pipelinetest.Config{}.Accept(t, accept)
		peer.Feed("GET /Ada HTTP/1.1\r\nHost: example.org\r\n\r\n" + "DELETE / HTTP/1.1\r\nHost: example.org\r\n\r\n")
		for line := range strings.Lines(peer.Output()) {
			if !strings.HasPrefix(line, "Date: ") {
				fmt.Println(strings.TrimSpace(line))
			}
		}
	})
	// Output:
	// HTTP/1.1 200 OK
	// Content-Type: text/plain; charset=utf-8
	// Content-Length: 11
	//
	// Hello, Ada!HTTP/1.1 405 Method Not Allowed
	// Allow: GET
	// Content-Length: 0
}

func greet(c *http1.Ctx, r *http1.Request) error {
	if r.Method != "GET" {
		no := r.Reply(405)
		no.Header.Add("Allow", "GET")
		return c.Write(no)
	}
	return c.Write(r.Text(200, "Hello, "+string(r.Path()[1:])+"!"))
}

// JSON comes in a body that was collected, which is an io.Reader, and leaves from where it was made.
func ExampleRequest_Reply() {
	type rope struct {
		Strands int `json:"strands"`
	}
	lay := func(c *http1.Ctx, r *http1.Request) error {
		if r.Method != "POST" || string(r.Path()) != "/ropes" {
			return c.Write(r.Error(404))
		}
		var in rope
		if r.Body == nil || json.NewDecoder(r.Body).Decode(&in) != nil {
			return c.Write(r.Text(400, "a rope is needed\n"))
		}
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		return c.Write(r.Bytes(201, "application/json", text))
	}
	channeltest.Example(func(t testing.TB) {
		peer := pipelinetest.New(t, new(http1.Server).Stage(), http1.Serve(lay))
		peer.Feed("POST /ropes HTTP/1.1\r\nHost: example.org\r\nContent-Length: 13\r\n\r\n{\"strands\":3}")
		status, _, _ := strings.Cut(peer.Output(), "\r\n")
		peer.Feed("POST /ropes HTTP/1.1\r\nHost: example.org\r\nContent-Length: 0\r\n\r\n")
		_, body, _ := strings.Cut(peer.Output(), "\r\n\r\n")
		fmt.Printf("%s\n%s", status, body)
	})
	// Output:
	// HTTP/1.1 201 Created
	// a rope is needed
}

// A handler may answer later. What takes its time is done by another goroutine, which comes back to the loop to write.
func ExampleServe() {
	channeltest.Example(func(t testing.TB) {
		loop := channeltest.NewLoop(t)
		done := make(chan struct{})
		peer := pipelinetest.Config{Loop: loop}.New(t, new(http1.Server).Stage(), http1.Serve(func(c *http1.Ctx, r *http1.Request) error {
			remote := c.Remote()
			go func() {
				defer close(done)
				sum := 0
				for i := range 1000 {
					sum += i
				}
				remote.Do(func(ch *channel.Channel, err error) {
					if err != nil {
						return // the connection is gone, and r with it
					}
					if err := c.Write(r.Text(200, fmt.Sprint(sum))); err != nil {
						ch.Close(err)
					}
				})
			}()
			return nil
		}))
		peer.Feed("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n")
		<-done
		loop.Settle()
		_, body, _ := strings.Cut(peer.Output(), "\r\n\r\n")
		fmt.Println(body)
	})
	// Output: 499500
}

// verses make a body, a line at a time.
type verses struct {
	home      buffer.Allocator
	n, enough int
}

func (v *verses) Next() (channel.Part, error) {
	if v.n == v.enough {
		return nil, io.EOF
	}
	v.n++
	b := v.home.Alloc(16)
	fmt.Fprintf(b, "line %d\n", v.n)
	return b, nil
}

func (v *verses) Release() {}

// A body that is made while it is sent. Since nobody knows how long it will be, it leaves in chunks.
func ExampleSource() {
	channeltest.Example(func(t testing.TB) {
		peer := pipelinetest.New(t, new(http1.Server).Stage(), http1.Serve(func(c *http1.Ctx, r *http1.Request) error {
			resp := r.Reply(200)
			resp.Header.Add("Content-Type", "text/plain")
			resp.Source = &verses{home: c.Channel().Cache(), enough: 2}
			return c.Write(resp)
		}))
		peer.Feed("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n")
		_, body, _ := strings.Cut(peer.Output(), "\r\n\r\n")
		fmt.Printf("%q\n", body)
	})
	// Output: "7\r\nline 1\n\r\n7\r\nline 2\n\r\n0\r\n\r\n"
}

// asker is the last stage of a client: it sends a request, writes the body of the answer to out, and closes.
type asker struct {
	http1.ClientCtx
	out strings.Builder
}

func (a *asker) Open() error {
	r := http1.NewRequest("POST", "/ropes")
	r.Header.Add("Host", "example.org")
	r.Body = a.Alloc(16) // or r.File, or r.Source
	r.Body.PutString("three strands")
	return a.Write(r)
}

func (a *asker) Read(r *http1.Response) error {
	if r.Status != 200 {
		return fmt.Errorf("status %d", r.Status)
	}
	r.OnBody(func(piece *buffer.Buf, end bool) error {
		if piece != nil {
			piece.WriteTo(&a.out)
			piece.Release()
		}
		if end {
			a.Channel().Close(nil)
		}
		return nil
	})
	return nil
}

// Closed is told why the connection has ended: nil, if nothing was wrong.
func (a *asker) Closed(cause error) { fmt.Printf("%q %v\n", a.out.String(), cause) }

// A client that takes the body of an answer as it comes. In a program, transport.Client.Dial is given pipeline.With(stages...).
func ExampleClient() {
	channeltest.Example(func(t testing.TB) {
		client := &http1.Client{Stream: true, Limits: http1.Limits{Body: -1}} // by default no body of more than 1 MiB
		peer := pipelinetest.New(t, client.Stage(), new(asker))
		fmt.Printf("%q\n", peer.Output())
		peer.Feed("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nlaid ")
		peer.Feed("together")
	})
	// Output:
	// "POST /ropes HTTP/1.1\r\nHost: example.org\r\nContent-Length: 13\r\n\r\nthree strands"
	// "laid together" <nil>
}
