package mem_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ropewalk/ropewalk/buffer/buffertest"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/transport"
	"github.com/ropewalk/ropewalk/transport/mem"
)

// A client of net/http asks a server of ours, and one of net/http, both in a bubble with time of its own.
func TestHTTP(t *testing.T) {
	const latency = 25 * time.Millisecond
	get := func(t *testing.T, c *http.Client, url, want string) {
		t.Helper()
		resp, err := c.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if body, err := io.ReadAll(resp.Body); err != nil || string(body) != want {
			t.Errorf("got %q and error %v, want %q", body, err, want)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		n := &mem.Network{Latency: latency}
		client := &http.Client{Transport: &http.Transport{DialContext: n.DialContext}, Timeout: time.Minute}
		defer client.CloseIdleConnections()

		server := transport.Server{
			Engine: mem.Engine{Network: n}, Loops: 2, Addr: ":80", Pool: buffertest.Pool(t), Logger: quiet,
			Accept: pipeline.New(func() []pipeline.Stage {
				return []pipeline.Stage{new(http1.Server).Stage(), http1.Serve(func(c *http1.Ctx, r *http1.Request) error {
					return c.Write(r.Text(200, "ours "+string(r.Path())))
				})}
			}),
		}
		r, err := server.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		get(t, client, "http://127.0.0.1/a", "ours /a")
		took(t, "the first request", begin, 4*latency) // with the handshake
		begin = time.Now()
		get(t, client, "http://127.0.0.1/b", "ours /b")
		took(t, "the second", begin, 2*latency)

		ln, err := n.Listen("tcp", "localhost:8080")
		if err != nil {
			t.Fatal(err)
		}
		theirs := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "theirs "+strings.Repeat("x", 300_000))
		})}
		go theirs.Serve(ln)
		get(t, client, "http://localhost:8080/", "theirs "+strings.Repeat("x", 300_000))

		client.CloseIdleConnections()
		if err := theirs.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if err := r.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
