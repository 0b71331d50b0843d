package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// digits are what the file in the folder holds.
var digits = strings.Repeat("0123456789", 10_000)

// newSite returns a site with a folder that holds a file.
func newSite(t testing.TB) *site {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file.txt"), []byte(digits), 0o666); err != nil {
		t.Fatal(err)
	}
	s, err := open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// connect opens a connection to the site.
func connect(t testing.TB, s *site) *pipelinetest.Pipe {
	t.Helper()
	return pipelinetest.Config{Options: channel.Options{Marks: marks}}.Accept(t, s.accept())
}

// responses reads what a peer has got, as the answers to requests with these methods.
func responses(t testing.TB, output string, methods ...string) (all []*http.Response) {
	t.Helper()
	r := bufio.NewReader(strings.NewReader(output))
	for _, m := range methods {
		resp, err := http.ReadResponse(r, &http.Request{Method: m})
		if err != nil {
			t.Fatalf("%v, after %d answers in %.1000q", err, len(all), output)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body = io.NopCloser(bytes.NewReader(body))
		all = append(all, resp)
	}
	if rest, _ := io.ReadAll(r); len(rest) > 0 {
		t.Fatalf("%d bytes behind the last answer: %.100q", len(rest), rest)
	}
	return all
}

// upgrade makes a WebSocket of a new connection. fields are more of the request's, with line ends.
func upgrade(t testing.TB, s *site, path, fields string) *pipelinetest.Pipe {
	t.Helper()
	p := connect(t, s)
	p.Feed("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + fields + "\r\n")
	return p
}

// handshake cuts the answer to the handshake off what a peer has got.
func handshake(t testing.TB, output string) (rest string) {
	t.Helper()
	head, rest, ok := strings.Cut(output, "\r\n\r\n")
	if !ok || !strings.HasPrefix(head, "HTTP/1.1 101 ") || !strings.Contains(head, "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") {
		t.Fatalf("answer to the handshake: %.500q", output)
	}
	return rest
}

// frame returns a frame as a client sends it. Its key is zeros, so that the payload can be read.
func frame(opcode byte, payload string) string {
	b := []byte{0x80 | opcode}
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	return string(append(b, 0, 0, 0, 0)) + payload
}

// unframe takes a frame of a server apart.
func unframe(t testing.TB, data string) (opcode byte, payload, rest string) {
	t.Helper()
	if len(data) < 2 {
		t.Fatalf("no frame in %q", data)
	}
	n, at := uint64(data[1]), 2
	switch n {
	case 126:
		n, at = uint64(binary.BigEndian.Uint16([]byte(data[2:]))), 4
	case 127:
		n, at = binary.BigEndian.Uint64([]byte(data[2:])), 10
	}
	if uint64(len(data)-at) < n {
		t.Fatalf("%d bytes of a frame of %d", len(data)-at, n)
	}
	return data[0], data[at : at+int(n)], data[at+int(n):]
}
