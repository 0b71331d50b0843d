package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/transport"
)

func TestSocketSendsBack(t *testing.T) {
	large := strings.Repeat("large ", maxMessage/6)
	p := upgrade(t, newSite(t), "/ws", "Origin: https://example.org\r\n")
	p.Feed(frame(1, "text é") + frame(2, "\xff\x00") + frame(9, "ping") + frame(1, ""))
	rest := handshake(t, p.Output())
	for _, want := range []struct {
		opcode  byte
		payload string
	}{{0x81, "text é"}, {0x82, "\xff\x00"}, {0x8a, "ping"}, {0x81, ""}} {
		var opcode byte
		var payload string
		if opcode, payload, rest = unframe(t, rest); opcode != want.opcode || payload != want.payload {
			t.Errorf("got %#x %q, want %#x %q", opcode, payload, want.opcode, want.payload)
		}
	}
	p.Feed(frame(2, large))
	if opcode, payload, rest := unframe(t, p.Output()); opcode != 0x82 || payload != large || rest != "" {
		t.Errorf("got %#x, %d bytes and %d", opcode, len(payload), len(rest))
	}
}

func TestSocketRefuses(t *testing.T) {
	for _, c := range []struct {
		name, input, code string
	}{
		{"text that is not UTF-8", frame(1, "a\xff"), "\x03\xef"}, // 1007
		{"more than 16 MiB", frame(2, strings.Repeat("x", maxMessage+1)), "\x03\xf1"},
		{"a frame that is not masked", "\x81\x01a", "\x03\xea"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := upgrade(t, newSite(t), "/ws", "")
			p.Feed(c.input)
			if opcode, payload, _ := unframe(t, handshake(t, p.Output())); opcode != 0x88 || !strings.HasPrefix(payload, c.code) {
				t.Errorf("got %#x %q", opcode, payload)
			}
		})
	}
}

// The extension is agreed on when it is asked for.
func TestSocketCompresses(t *testing.T) {
	p := upgrade(t, newSite(t), "/ws", "Sec-WebSocket-Extensions: permessage-deflate\r\n")
	p.Feed(frame(1, strings.Repeat("again and ", 100)))
	output := p.Output()
	if !strings.Contains(output, "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n") {
		t.Errorf("agreed on: %q", output)
	}
	if opcode, payload, _ := unframe(t, handshake(t, output)); opcode != 0xc1 || len(payload) > 100 {
		t.Errorf("got %#x and %d bytes", opcode, len(payload))
	}
}

func TestPage(t *testing.T) {
	p := connect(t, newSite(t))
	p.Feed("GET /live HTTP/1.1\r\nHost: x\r\n\r\nHEAD /live HTTP/1.1\r\nHost: x\r\n\r\nPOST /live HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
	all := responses(t, p.Output(), "GET", "HEAD", "POST")
	html, _ := io.ReadAll(all[0].Body)
	if string(html) != string(liveHTML) || all[1].ContentLength != int64(len(html)) || all[2].StatusCode != 405 {
		t.Errorf("%d bytes, %d announced; POST: %s", len(html), all[1].ContentLength, all[2].Status)
	}
	// The policy forbids what these would do.
	for _, attribute := range []string{` style="`, ` onclick="`, ` src="`, `@import`, `url(`, `innerHTML`} {
		if strings.Contains(string(liveHTML), attribute) {
			t.Errorf("the page has %q in it, which its policy forbids", attribute)
		}
	}
}

// What has no name of its own is a file of the folder, over a real socket.
func TestFiles(t *testing.T) {
	s := newSite(t)
	pool := new(buffer.Pool)
	server := transport.Server{Addr: "127.0.0.1:0", Accept: s.accept(), Marks: marks, Pool: pool, Loops: 1, Logger: slog.New(slog.DiscardHandler)}
	running, err := server.Start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path, ranges string
		status       int
		want         string
	}{
		{"/file.txt", "", 200, digits},
		{"/file.txt", "bytes=2-4", 206, "234"},
		{"/", "", 200, `href="./file.txt"`},
		{"/absent", "", 404, "404"},
	} {
		r, _ := http.NewRequest("GET", "http://"+running.Addr().String()+c.path, nil)
		if c.ranges != "" {
			r.Header.Set("Range", c.ranges)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != c.status || !strings.Contains(string(body), c.want) {
			t.Errorf("%s %s: %s, %q, %v", c.path, c.ranges, resp.Status, body, err)
		}
	}
	// A loop shows its counters when it has nothing else to do.
	deadline := time.Now().Add(10 * time.Second)
	for running.Stats().FileBytes < uint64(len(digits)) && time.Now().Before(deadline) {
		runtime.Gosched()
	}
	if n := running.Stats().FileBytes; n != uint64(len(digits)) {
		t.Errorf("%d bytes were sent by sendfile, want %d", n, len(digits))
	}
	http.DefaultClient.CloseIdleConnections()
	if err := running.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if n := pool.Live(); n != 0 {
		t.Errorf("%d buffers are left", n)
	}
}
