package nethttp_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer/buffertest"
	"github.com/ropewalk/ropewalk/transport"
)

// TestShutdown stops a server while a handler runs: its answer is still sent.
func TestShutdown(t *testing.T) {
	began, finish := make(chan bool), make(chan bool)
	s := handler(func(w http.ResponseWriter, r *http.Request) {
		began <- true
		<-finish
		io.WriteString(w, strings.Repeat("x", 100000))
	})
	pool := buffertest.Pool(t)
	tr := &transport.Server{Addr: "127.0.0.1:0", Loops: 1, Pool: pool, Accept: s.Accept(), Logger: slog.New(slog.DiscardHandler)}
	running, err := tr.Start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", running.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	io.WriteString(c, get())
	<-began
	stopped := make(chan error)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		stopped <- running.Shutdown(ctx)
	}()
	for { // until nobody can connect any more
		c, err := net.Dial("tcp", running.Addr().String())
		if err != nil {
			break
		}
		c.Close()
	}
	finish <- true
	out, err := io.ReadAll(c)
	if !strings.Contains(string(out), "200 OK") || len(out) < 100000 || err != nil {
		t.Errorf("got %.100q, %d bytes, %v", out, len(out), err)
	}
	c.Close()
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}
