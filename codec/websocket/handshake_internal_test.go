package websocket

import (
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/codec/http1"
)

// asked is the request of RFC 6455 section 1.3, without what it offers.
func asked(key string) *http1.Request {
	r := http1.NewRequest("GET", "/chat")
	for _, f := range [][2]string{
		{"Host", "server.example.com"}, {"Upgrade", "websocket"}, {"Connection", "Upgrade"},
		{"Sec-WebSocket-Key", key}, {"Origin", "http://server.example.com"}, {"Sec-WebSocket-Version", "13"},
	} {
		r.Header.Add(f[0], f[1])
	}
	return r
}

// What a handshake leaves behind lies between thousands of idle connections until the next collection, so it leaves nothing.
func TestHandshakeAllocates(t *testing.T) {
	r := asked("dGhlIHNhbXBsZSBub25jZQ==")
	got := ""
	if n := testing.AllocsPerRun(100, func() {
		h, no := readHandshake(r)
		if no != nil {
			t.Fatal(no.what)
		}
		answer := acceptKey(h.key)
		if got == "" {
			got = string(answer[:])
		}
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
	if want := "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="; got != want {
		t.Errorf("the answer is %q, want %q", got, want)
	}
}

func TestValidKey(t *testing.T) {
	for key, want := range map[string]bool{
		"dGhlIHNhbXBsZSBub25jZQ==":     true,
		"AAAAAAAAAAAAAAAAAAAAAA==":     true,
		"":                             false,
		"dGhlIHNhbXBsZSBub25jZQ=":      false, // 23 characters
		"dGhlIHNhbXBsZSBub25jZQ":       false, // no padding
		"dGhlIHNhbXBsZSBub25jZR==":     false, // bits behind the sixteenth byte
		"dGhlIHNhbXBsZSBub25jZXN0":     false, // 18 bytes
		"dGhlIHNhbXBsZSBub25jZXN=":     false, // 17 bytes
		"dGhlIHNhbXBsZSBub25j_Q==":     false, // of another alphabet
		"dGhlIHNhbXBs\r\nZSBub25jZQ":   false,
		"dGhlIHNhbXBsZSBub25jZQ==\r\n": false,
		strings.Repeat("A", 5000):      false,
	} {
		if got := validKey([]byte(key)); got != want {
			t.Errorf("%.40q: %v, want %v", key, got, want)
		}
	}
}
