package nethttp_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/codec/http1/nethttp"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// A bubble is a connection to a handler in a synctest bubble: the test is the peer and the loop, the handler has its own
// goroutine, and time stands still until everybody waits.
type bubble struct {
	*pipelinetest.Pipe
	t   *testing.T
	log *journal
}

// inBubble runs a test of a handler.
func inBubble(t *testing.T, s *nethttp.Server, test func(b *bubble)) {
	t.Helper()
	inBubbleOn(t, s, new(buffer.Pool), test)
}

func inBubbleOn(t *testing.T, s *nethttp.Server, pool *buffer.Pool, test func(b *bubble)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		log := new(journal)
		s.Logger = slog.New(slog.NewTextHandler(log, nil))
		l := channeltest.NewLoop(t, func(c *channel.LoopConfig) { c.Pool = pool })
		b := open(t, l, s, log)
		defer func() { // also behind Fatal
			b.settle()
			b.Loop.Protect(func() { b.Channel().Abort(nil) })
			b.settle()
			<-time.After(time.Minute) // workers that have nothing to do end
		}()
		test(b)
	})
}

func open(t *testing.T, l *channeltest.Loop, s *nethttp.Server, log *journal) *bubble {
	protocol := &http1.Server{Stream: true, Limits: http1.Limits{Body: -1}}
	c := pipelinetest.Config{Options: channel.Options{Linger: -1}, Loop: l}
	return &bubble{c.New(t, protocol.Stage(), s.Stage()), t, log}
}

// another opens a second connection.
func (b *bubble) another(s *nethttp.Server) *bubble { return open(b.t, b.Loop, s, b.log) }

// handler makes a server of a function.
func handler(f func(w http.ResponseWriter, r *http.Request)) *nethttp.Server {
	return &nethttp.Server{Handler: http.HandlerFunc(f)}
}

// settle lets everything happen that can, without time going on.
func (b *bubble) settle() {
	for {
		synctest.Wait()
		if b.Loop.Timeout() != 0 {
			return
		}
		b.Loop.Settle()
	}
}

// feed sends bytes and lets happen what comes of it.
func (b *bubble) feed(s string) {
	b.Feed(s)
	b.settle()
}

// output is what the peer has got.
func (b *bubble) output() string {
	b.settle()
	return b.Output()
}

// response reads a response that the peer has got.
func (b *bubble) response(method string) (*http.Response, string) {
	b.t.Helper()
	out := b.output()
	resp, err := http.ReadResponse(bufio.NewReader(strings.NewReader(out)), &http.Request{Method: method})
	if err != nil {
		b.t.Fatalf("%v in %.200q", err, out)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatalf("%v in %.200q", err, out)
	}
	return resp, string(body)
}

// want compares.
func (b *bubble) want(what string, got, want any) {
	b.t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		b.t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// journal is a log that tests can read.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}
