package static

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/transport"
	"github.com/ropewalk/ropewalk/transport/epoll"
)

// listen serves the site on real sockets.
func (s *site) listen(loops int) *transport.Running {
	s.Helper()
	server := &http1.Server{}
	pool := new(buffer.Pool)
	running, err := (&transport.Server{
		Engine: epoll.Engine{}, // whose system calls are those of the connections
		Addr:   "127.0.0.1:0", Loops: loops, Pool: pool, Logger: slog.New(slog.DiscardHandler), Linger: -1,
		Accept: pipeline.New(func() []pipeline.Stage {
			return []pipeline.Stage{server.Stage(), http1.Serve(s.files.Serve)}
		}),
	}).Start(context.Background())
	s.must(err)
	s.Cleanup(func() {
		s.must(running.Shutdown(context.Background()))
		if n := pool.Live(); n != 0 {
			s.Errorf("%d buffers were not released", n)
		}
		s.must(s.files.Close())
	})
	return running
}

func (s *site) dial(running *transport.Running) net.Conn {
	s.Helper()
	c, err := net.Dial("tcp", running.Addr().String())
	s.must(err)
	s.Cleanup(func() { c.Close() })
	return c
}

// TestCallsAndAllocs counts the system calls of requests for a file that is open already, and what they allocate.
func TestCallsAndAllocs(t *testing.T) {
	content := map[string]string{"dir/small": digits(1 << 10), "dir/large": digits(64 << 10), "dir/large.gz": digits(32 << 10),
		"index.html": digits(10 << 10)}
	for _, c := range []struct {
		path   string
		status int
		fields string
		length int
		files  uint64 // calls for files by the engine: sendfile, and cachestat once a second
		hits   uint64 // calls of statx that found a file to be the same
		calls  uint64 // these, those that found none, and preadv2
	}{
		{"dir/small", 200, "", 1 << 10, 0, 1, 2},
		{"dir/large", 200, "", 64 << 10, 1, 1, 1},
		{"", 200, "", 10 << 10, 1, 1, 1},
		{"dir/large", 206, "Range: bytes=1000-33767\r\n", 32 << 10, 1, 1, 1},
		{"dir/large", 206, "Range: bytes=1000-1999\r\n", 1000, 0, 1, 2},
		{"dir/large", 304, "If-Modified-Since: " + dayText + "\r\n", 0, 0, 1, 1},
		{"dir/large", 200, "Accept-Encoding: gzip, br;q=0.9\r\n", 32 << 10, 1, 2, 2},
		{"dir/large", 200, "Accept-Encoding: br\r\n", 64 << 10, 1, 1, 2},
	} {
		t.Run(fmt.Sprint(c.path, c.status, c.fields), func(t *testing.T) {
			s := newSite(t, Options{Precompressed: c.fields != ""}, content)
			running := s.listen(1)
			conn := s.dial(running)
			request := []byte("GET /" + c.path + " HTTP/1.1\r\nHost: h\r\n" + c.fields + "\r\n")
			_, err := conn.Write(request)
			s.must(err)
			in := bufio.NewReader(conn)
			resp, err := http.ReadResponse(in, nil)
			s.must(err)
			body, err := io.ReadAll(resp.Body)
			s.must(err)
			if resp.StatusCode != c.status || len(body) != c.length {
				t.Fatalf("status %d, %d bytes", resp.StatusCode, len(body))
			}
			size := c.length + head(resp)
			room := make([]byte, size)
			const rounds = 200
			before, opened := running.Stats(), s.files.Stats()
			allocs := testing.AllocsPerRun(rounds-1, func() {
				conn.Write(request)
				if _, err := io.ReadFull(conn, room); err != nil {
					t.Fatal(err)
				}
			})
			after, now := running.Stats(), s.files.Stats()
			if allocs != 0 {
				t.Errorf("%v allocations", allocs)
			}
			if hits := now.Hits - opened.Hits; hits != c.hits*rounds || now.Misses != opened.Misses {
				t.Errorf("%d of %d were open, %d were opened", hits, rounds, now.Misses-opened.Misses)
			}
			if n := now.Calls - opened.Calls; n != c.calls*rounds {
				t.Errorf("%d calls to find and copy files in %d requests, want %d each", n, rounds, c.calls)
			}
			const some = rounds / 10 // the kernel may take a file in two parts
			if n := after.Files - before.Files; n < c.files*rounds || n > c.files*rounds+some {
				t.Errorf("%d calls for files by the engine, want %d a request", n, c.files)
			}
			if n := after.Writes - before.Writes; n < rounds || n > rounds+some {
				t.Errorf("%d writes for %d requests", n, rounds)
			}
			if n := after.Reads - before.Reads; n < rounds || n > rounds+some {
				t.Errorf("%d reads for %d requests", n, rounds)
			}
		})
	}
}

// head returns the length of the head of a response as it was sent.
func head(resp *http.Response) int {
	n := len("HTTP/1.1 \r\n\r\n") + len(resp.Status)
	for name, values := range resp.Header {
		for _, v := range values {
			n += len(name) + len(v) + len(": \r\n")
		}
	}
	return n
}

// Several loops, connections that ask for everything, and files that are exchanged meanwhile: whoever gets a file gets all of one
// state of it.
func TestEverythingAtOnce(t *testing.T) {
	content := map[string]string{"changing": "aaaa", "index.html": "index", "large": digits(300_000), "app.js": digits(5000), "app.js.gz": digits(3000)}
	s := newSite(t, Options{MaxOpen: 3, Precompressed: true, List: true, DirectIO: 200_000}, content)
	running := s.listen(2)
	stop := make(chan struct{})
	var changes, clients sync.WaitGroup
	changes.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			text := strings.Repeat(string(rune('a'+i%26)), 1+i*37%9000)
			if writeFile(s.path("new"), text) != nil || os.Rename(s.path("new"), s.path("changing")) != nil {
				t.Error("the file cannot be exchanged")
				return
			}
		}
	})
	for n := range 6 {
		clients.Go(func() {
			conn := s.dial(running)
			in := bufio.NewReader(conn)
			for i := range 60 {
				target, fields, want := "", "", ""
				switch (n + i) % 6 {
				case 0, 1:
					target = "/changing"
				case 2:
					target, fields, want = "/large", "Range: bytes=100000-\r\n", content["large"][100_000:]
				case 3:
					target, fields, want = "/app.js", "Accept-Encoding: gzip\r\n", content["app.js.gz"]
				case 4:
					target, want = "/app.js", content["app.js"]
				case 5:
					target, want = "/", "index"
				}
				fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: h\r\n%s\r\n", target, fields)
				resp, err := http.ReadResponse(in, nil)
				if err != nil {
					t.Error(err)
					return
				}
				body, err := io.ReadAll(resp.Body)
				if err != nil || resp.StatusCode >= 300 {
					t.Errorf("%s: status %d, %v", target, resp.StatusCode, err)
					return
				}
				if want == "" {
					want = strings.Repeat(string(body[:1]), len(body))
				}
				if string(body) != want {
					t.Errorf("%s: %d bytes, and not those of the file", target, len(body))
					return
				}
			}
		})
	}
	clients.Wait()
	close(stop)
	changes.Wait()
}
