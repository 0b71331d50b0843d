package http1_test

import (
	"fmt"
	"strings"
	"testing"

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
