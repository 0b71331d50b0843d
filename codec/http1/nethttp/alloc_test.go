package nethttp_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec/http1/nethttp"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

func hello(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	io.WriteString(w, "Hello, World!")
}

// TestAllocs bounds what a request costs on the Go heap. What an http.Handler is given cannot do without: net/http takes 21 for
// the same (BenchmarkHello).
func TestAllocs(t *testing.T) {
	const most = 16
	s := &nethttp.Server{Handler: http.HandlerFunc(hello)}
	l := channeltest.NewLoop(t)
	p := pipelinetest.Config{Loop: l, Options: channel.Options{Linger: -1}}.Accept(t, s.Accept())
	p.Conn.Wire.Discard()
	in := []byte(get("User-Agent: test\r\n", "Accept: */*\r\n"))
	one := func() {
		sent := p.Conn.Wire.Total()
		p.FeedBytes(in)
		for p.Conn.Wire.Total() == sent {
			l.Wait()
		}
	}
	for range 100 {
		one()
	}
	if n := testing.AllocsPerRun(1000, one); n > most {
		t.Errorf("%v allocations for a request, want %d at most", n, most)
	}
}
