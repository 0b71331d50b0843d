package nethttp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
)

// A host that answers every request with ok, when the test lets it.
type okHost struct {
	*peer
	asked, answer, ended chan bool
}

func newOKHost(t *testing.T) *okHost {
	h := &okHost{listenAsPeer(t), make(chan bool, 100), make(chan bool, 100), make(chan bool, 100)}
	return h
}

// serve answers the requests of the next connection, on a goroutine.
func (h *okHost) serve() {
	c := h.accept()
	go func() {
		for {
			_, err := c.request()
			if err != nil {
				h.ended <- true
				return
			}
			h.asked <- true
			<-h.answer
			io.WriteString(c, ok)
		}
	}()
}

// expect waits for n events.
func expect(t *testing.T, what string, events chan bool, n int) {
	t.Helper()
	for i := range n {
		select {
		case <-events:
		case <-time.After(patience):
			t.Fatalf("%s: %d of %d", what, i, n)
		}
	}
	if len(events) > 0 {
		t.Errorf("%s: more than %d", what, n)
	}
}

// TestPool counts the connections of many requests at a time.
func TestPool(t *testing.T) {
	h, rt := newOKHost(t), newTransport(t)
	rt.IdlePerHost, rt.Idle, rt.ConnsPerHost = 2, 3, 4
	var all []<-chan result
	for range 6 {
		all = append(all, send(rt, "GET", h.url, ""))
	}
	for range rt.ConnsPerHost {
		h.serve()
	}
	expect(t, "asked", h.asked, 4)
	for range 2 {
		h.answer <- true
	}
	expect(t, "asked by those that have waited", h.asked, 2)
	for range 4 {
		h.answer <- true
	}
	for _, done := range all {
		if r := <-done; r.err != nil || r.body != "ok" {
			t.Error(r.err)
		}
	}
	h.none()
	expect(t, "closed because two are enough for a host", h.ended, 2)

	// The two that are kept are used again.
	again := []<-chan result{send(rt, "GET", h.url, ""), send(rt, "GET", h.url, "")}
	expect(t, "asked", h.asked, 2)
	h.answer <- true
	h.answer <- true
	for _, done := range again {
		if r := <-done; r.err != nil {
			t.Error(r.err)
		}
	}
	h.none()

	// There is room for three in all: those of other hosts push out the oldest.
	var others []*okHost
	for range 2 {
		other := newOKHost(t)
		others = append(others, other)
		done := send(rt, "GET", other.url, "")
		other.serve()
		other.answer <- true
		if r := <-done; r.err != nil {
			t.Error(r.err)
		}
	}
	expect(t, "closed because three are enough", h.ended, 1)
	rt.CloseIdleConnections()
	expect(t, "closed because nobody wants them", h.ended, 1)
	for _, other := range others {
		expect(t, "closed because nobody wants them", other.ended, 1)
	}
}

// TestWaitForConnection ends the context of a request that waits for a connection.
func TestWaitForConnection(t *testing.T) {
	p, rt := listenAsPeer(t), newTransport(t)
	rt.ConnsPerHost = 1
	first := send(rt, "GET", p.url+"/1", "")
	conn := p.accept()
	if _, err := conn.request(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	second := send(rt, "GET", p.url+"/2", "", func(r *http.Request) { *r = *r.WithContext(ctx) })
	cancel()
	if r := <-second; !errors.Is(r.err, context.Canceled) {
		t.Errorf("got %v", r.err)
	}
	third := send(rt, "GET", p.url+"/3", "")
	conn.Close() // the connection that is waited for is never kept: the right to make one is passed on
	if r := <-first; r.err == nil {
		t.Error("a request without a response has succeeded")
	}
	p.accept().exchange(t, "GET /3 ", ok)
	if r := <-third; r.err != nil {
		t.Error(r.err)
	}
}

// TestIdleTimeout closes connections that were kept long enough.
func TestIdleTimeout(t *testing.T) {
	p, rt := listenAsPeer(t), newTransport(t)
	rt.IdleTimeout = 20 * time.Millisecond
	done := send(rt, "GET", p.url, "")
	conn := p.accept()
	conn.exchange(t, "GET / ", ok)
	<-done
	conn.gone(t)
}

// TestSchemesApart keeps connections that are encrypted apart from those that are not, also if host and port are the same.
func TestSchemesApart(t *testing.T) {
	p, rt := listenAsPeer(t), newTransport(t)
	var secure int
	rt.DialTLS = func(ctx context.Context, network, addr string, open func(*channel.Channel) channel.Sink) (channel.Remote, error) {
		secure++
		return rt.Dial(ctx, network, addr, open)
	}
	for _, scheme := range []string{"http", "https"} {
		done := send(rt, "GET", scheme+strings.TrimPrefix(p.url, "http"), "")
		p.accept().exchange(t, "GET / ", ok)
		if r := <-done; r.err != nil {
			t.Error(r.err)
		}
	}
	if secure != 1 {
		t.Errorf("%d connections are encrypted", secure)
	}
}
