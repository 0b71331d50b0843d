package web

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// serving runs a handler of net/http as a server of the benchmark.
func serving(t *testing.T, h http.Handler) *harness.Server {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return &harness.Server{Kind: harness.Kind{Name: "test"}, Port: port}
}

func TestVerifyHello(t *testing.T) {
	for name, c := range map[string]struct {
		field, value, body, want string
	}{
		"right":        {"", "", greeting, ""},
		"body":         {"", "", "Hello, world!", "body"},
		"length":       {"", "", greeting + "\n", "body"},
		"content type": {"Content-Type", "text/html", greeting, "content type"},
		"no server":    {"Server", "", greeting, "no Server"},
		"old date":     {"Date", "Sun, 06 Nov 1994 08:49:37 GMT", greeting, "old"},
		"close":        {"Connection", "close", greeting, "close"},
	} {
		s := serving(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Server", "test")
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			if c.field != "" {
				w.Header().Set(c.field, c.value)
			}
			w.Write([]byte(c.body))
		}))
		check(t, name, VerifyHello(s), c.want)
	}
}

func check(t *testing.T, name string, err error, want string) {
	t.Helper()
	if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("%s: %v, want %q", name, err, want)
	}
}

func TestVerifyHelloRefusesWhatFollows(t *testing.T) {
	s := serving(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer c.Close()
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nServer: test\r\nDate: %s\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\n%s\r\n",
			time.Now().UTC().Format(http.TimeFormat), greeting)
		c.Read(make([]byte, 1))
	}))
	check(t, "more bytes", VerifyHello(s), "after the last answer")
}

func TestVerifyFiles(t *testing.T) {
	dir := t.TempDir()
	sums := map[string][sha256.Size]byte{}
	for name, size := range map[string]int{SmallFile: 1 << 16, LargeFile: 1 << 20} {
		data := bytes.Repeat([]byte(name), size)[:size]
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
		sums[name] = sha256.Sum256(data)
	}
	s := serving(t, http.FileServer(http.Dir(dir)))
	check(t, "right", VerifyFiles(s, sums), "")
	sums[LargeFile] = sha256.Sum256(nil)
	check(t, "other bytes", VerifyFiles(s, sums), "large.bin: other bytes")

	all := serving(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "0")
	}))
	none := map[string][sha256.Size]byte{SmallFile: sha256.Sum256(nil)}
	check(t, "everything is there", VerifyFiles(all, none), "status 200")
}
