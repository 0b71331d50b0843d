package ropewalk_test

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Each whole program of README.md, by the address that it listens on, and what it answers. A program runs in a folder that holds its source.
var programs = []struct {
	addr  string
	talks []talk
}{
	{`"127.0.0.1:7000"`, []talk{{frames, frames}}},
	{`"127.0.0.1:8080"`, []talk{
		{"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\n"},
		{"GET /main.go HTTP/1.1\r\nHost: a\r\nRange: bytes=0-11\r\n\r\n", "HTTP/1.1 206 Partial Content\r\n"},
		{upgrade + "\x82\x82\x00\x00\x00\x00hi", "HTTP/1.1 101 Switching Protocols\r\n"},
	}},
}

// A talk is one connection: what is sent, and how the answer begins.
type talk struct{ say, hear string }

const (
	frames  = "\x00\x00\x00\x05hello\x00\x00\x00\x00\x00\x00\x00\x01!"
	upgrade = "GET /echo HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)

// TestReadmePrograms builds the whole programs of README.md as they stand there, and talks to them.
func TestReadmePrograms(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(text), "\n```go\npackage main\n")[1:]
	if len(blocks) != len(programs) {
		t.Fatalf("README.md has %d programs, want %d", len(blocks), len(programs))
	}
	for i, block := range blocks {
		p := programs[i]
		t.Run(p.addr, func(t *testing.T) {
			program, _, ok := strings.Cut(block, "\n```\n")
			if !ok || strings.Count(program, p.addr) != 1 {
				t.Fatalf("program %d of README.md does not listen on %s", i, p.addr)
			}
			runProgram(t, "package main\n"+program+"\n", p.addr, p.talks)
		})
	}
}

func runProgram(t *testing.T, program, addr string, talks []talk) {
	dir := t.TempDir()
	binary, source := filepath.Join(dir, "readme"), filepath.Join(dir, "main.go")
	run := func(text string, args ...string) {
		t.Helper()
		if err := os.WriteFile(source, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("go", append(args, source)...).CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", args[0], err, out)
		}
	}
	run(program, "vet") // which compiles it
	if runtime.GOOS != "linux" {
		return // no engine to run it on
	}
	// On any port, for the sake of others who use this machine.
	run(strings.Replace(program, addr, `"127.0.0.1:0"`, 1), "build", "-o", binary)

	server := exec.Command(binary)
	server.Dir = dir
	log, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer server.Wait()
	defer server.Process.Kill()
	line, err := bufio.NewReader(log).ReadString('\n')
	_, at, ok := strings.Cut(strings.TrimSpace(line), "listening on ")
	if !ok {
		t.Fatalf("the program says %q, %v", line, err)
	}
	for _, talk := range talks {
		c, err := net.DialTimeout("tcp", at, 10*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(10 * time.Second))
		if _, err := io.WriteString(c, talk.say); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(talk.hear))
		if _, err := io.ReadFull(c, got); err != nil || string(got) != talk.hear {
			t.Errorf("%q is answered by %q, %v, want %q", talk.say, got, err, talk.hear)
		}
	}
}
