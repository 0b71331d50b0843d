package main

import (
	"bufio"
	"bytes"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gobwas/ws"
	"github.com/ropewalk/ropewalk/bench/internal/hub"
)

// serving runs a handler of net/http as a server of the benchmark.
func serving(t *testing.T, h http.Handler) *server {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return &server{Kind: kind{Name: "test"}, Port: port}
}

func check(t *testing.T, name string, err error, want string) {
	t.Helper()
	if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("%s: %v, want %q", name, err, want)
	}
}

// upgraded runs f for each WebSocket.
func upgraded(t *testing.T, f func(c net.Conn, in *bufio.Reader)) *server {
	return serving(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, rw, _, err := ws.UpgradeHTTP(r, w)
		if err != nil {
			return
		}
		defer c.Close()
		f(c, rw.Reader)
	}))
}

// next reads a frame.
func next(in *bufio.Reader) (ws.Frame, error) {
	f, err := ws.ReadFrame(in)
	if err != nil {
		return f, err
	}
	return ws.UnmaskFrameInPlace(f), nil
}

func TestVerifyEcho(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(f *ws.Frame)
		want  string
	}{
		"right":    {func(f *ws.Frame) {}, ""},
		"kind":     {func(f *ws.Frame) { f.Header.OpCode = ws.OpText }, "not what was sent"},
		"fragment": {func(f *ws.Frame) { f.Header.Fin = false }, "not what was sent"},
		"payload": {func(f *ws.Frame) {
			if n := len(f.Payload); n == 60000 {
				f.Payload[n-1]++
			}
		}, "of 60000 bytes"},
	} {
		s := upgraded(t, func(conn net.Conn, in *bufio.Reader) {
			for {
				f, err := next(in)
				if err != nil {
					return
				}
				c.spoil(&f)
				if ws.WriteFrame(conn, f) != nil {
					return
				}
			}
		})
		check(t, name, verifyEcho(s), c.want)
	}
}

func TestVerifyBroadcast(t *testing.T) {
	for name, c := range map[string]struct {
		each func(members *hub.Hub[net.Conn], told net.Conn, f func(net.Conn))
		want string
	}{
		"right": {func(members *hub.Hub[net.Conn], _ net.Conn, f func(net.Conn)) { members.Each(f) }, ""},
		"twice": {func(members *hub.Hub[net.Conn], _ net.Conn, f func(net.Conn)) { members.Each(f); members.Each(f) }, "member 1 told"},
	} {
		var members hub.Hub[net.Conn]
		s := upgraded(t, func(conn net.Conn, in *bufio.Reader) {
			members.Join(conn)
			defer members.Leave(conn)
			for {
				f, err := next(in)
				if err != nil {
					return
				}
				c.each(&members, conn, func(to net.Conn) { ws.WriteFrame(to, ws.NewFrame(f.Header.OpCode, true, f.Payload)) })
			}
		})
		check(t, name, verifyBroadcast(s), c.want)
	}
}

func TestHandshakeIsChecked(t *testing.T) {
	for name, c := range map[string]struct{ accept, extensions, want string }{
		"key":       {"AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "", "Sec-WebSocket-Accept"},
		"extension": {"", "permessage-deflate", "extension"},
	} {
		s := serving(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			header := http.Header{}
			if c.extensions != "" {
				header.Set("Sec-WebSocket-Extensions", c.extensions)
			}
			if c.accept == "" {
				conn, _, _, err := ws.HTTPUpgrader{Header: header}.Upgrade(r, w)
				if err == nil {
					conn.Close()
				}
				return
			}
			w.Header().Set("Sec-WebSocket-Accept", c.accept)
			w.WriteHeader(http.StatusSwitchingProtocols)
		}))
		check(t, name, verifyEcho(s), c.want)
	}
	check(t, "status", verifyEcho(serving(t, http.NotFoundHandler())), "404")
}

func TestFrameIsWhatOthersWrite(t *testing.T) {
	for _, f := range frames("test") {
		want, err := ws.CompileFrame(ws.NewFrame(ws.OpCode(f.opcode), true, f.payload))
		if err != nil {
			t.Fatal(err)
		}
		if got := f.append(nil, nil); !bytes.Equal(got, want) {
			t.Errorf("%d bytes: %x, want %x", len(f.payload), got[:10], want[:10])
		}
		mask := [4]byte{1, 2, 3, 4}
		masked, err := ws.CompileFrame(ws.MaskFrameWith(ws.NewFrame(ws.OpCode(f.opcode), true, f.payload), mask))
		if err != nil {
			t.Fatal(err)
		}
		if got := f.append(nil, mask[:]); !bytes.Equal(got, masked) {
			t.Errorf("%d bytes, masked: %x, want %x", len(f.payload), got[:10], masked[:10])
		}
	}
}
