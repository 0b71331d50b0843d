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

// TestReadmeProgram builds the first program of README.md as it stands there, and talks to it.
func TestReadmeProgram(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, program, _ := strings.Cut(string(text), "\n```go\n")
	program, _, ok := strings.Cut(program, "\n```\n")
	if !ok {
		t.Fatal("README.md has no block of Go")
	}
	const addr = `"127.0.0.1:7000"`
	if strings.Count(program, addr) != 1 {
		t.Fatalf("the program in README.md does not listen on %s", addr)
	}
	dir := t.TempDir()
	binary := filepath.Join(dir, "readme")
	source := filepath.Join(dir, "main.go")
	run := func(text string, args ...string) {
		t.Helper()
		if err := os.WriteFile(source, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("go", append(args, source)...).CombinedOutput(); err != nil {
			t.Fatalf("the program in README.md: go %s: %v\n%s", args[0], err, out)
		}
	}
	run(program, "vet") // which compiles it
	if runtime.GOOS != "linux" {
		return // no engine to run it on
	}
	// On any port, for the sake of others who use this machine.
	run(strings.Replace(program, addr, `"127.0.0.1:0"`, 1), "build", "-o", binary)

	server := exec.Command(binary)
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
	c, err := net.DialTimeout("tcp", at, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	const frames = "\x00\x00\x00\x05hello\x00\x00\x00\x00\x00\x00\x00\x01!"
	if _, err := io.WriteString(c, frames); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(frames))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != frames {
		t.Fatalf("the program answers %q, %v", got, err)
	}
}
