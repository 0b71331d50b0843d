//go:build unix

package nethttp_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"syscall"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/codec/http1/nethttp"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/transport"
)

// BenchmarkHello is a request for a few bytes on 16 connections at a time, from clients that do as little as they can. It
// reports the processor time of the whole process for each; what the clients take of it is the same for all servers.
//
//	go test -run '^$' -bench Hello ./codec/http1/nethttp
func BenchmarkHello(b *testing.B) {
	b.Run("nethttp", func(b *testing.B) { benchmark(b, listen(b, nethttp.Serve(http.HandlerFunc(hello)))) })
	b.Run("net+http", func(b *testing.B) {
		s := httptest.NewServer(http.HandlerFunc(hello))
		defer s.Close()
		benchmark(b, s.Listener.Addr().String())
	})
	b.Run("http1", func(b *testing.B) {
		s := new(http1.Server)
		benchmark(b, listen(b, pipeline.New(func() []pipeline.Stage {
			return []pipeline.Stage{s.Stage(), http1.Serve(func(c *http1.Ctx, r *http1.Request) error {
				return c.Write(r.Text(200, "Hello, World!"))
			})}
		})))
	})
}

// listen starts a server with one loop.
func listen(tb testing.TB, accept func(*channel.Channel) channel.Sink) string {
	s := &transport.Server{Addr: "127.0.0.1:0", Loops: 1, Accept: accept, Logger: slog.New(slog.DiscardHandler)}
	running, err := s.Start(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { running.Shutdown(context.Background()) })
	return running.Addr().String()
}

func benchmark(b *testing.B, addr string) {
	const conns = 16
	request := []byte("GET /hello?a=b HTTP/1.1\r\nHost: example.org\r\nUser-Agent: bench\r\nAccept: */*\r\nAccept-Encoding: gzip\r\n\r\n")
	b.ReportAllocs()
	var clients sync.WaitGroup
	before := cpu()
	b.ResetTimer()
	for i := range conns {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			b.Fatal(err)
		}
		clients.Go(func() {
			defer c.Close()
			in := make([]byte, 4<<10)
			for range (b.N + conns - 1 - i) / conns {
				c.Write(request)
				if _, err := c.Read(in); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	clients.Wait()
	b.ReportMetric(float64(cpu()-before)/float64(b.N), "cpu-ns/op")
}

func cpu() int64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Utime.Nano() + u.Stime.Nano()
}
