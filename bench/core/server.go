package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// The server has one CPU and the load the other.
const (
	serverCPU = 0
	loadCPU   = 1
)

// server is a running server.
type server struct {
	kind
	cmd  *exec.Cmd
	port string
	done chan struct{} // closed when it has ended
	last []byte        // what it has said since it listened, the latest; to be read when it has ended
}

var listening = regexp.MustCompile(`listening on \S*:(\d+)\b`)

// start runs a server on its CPU and waits until it listens. A Go server gets
// GOMAXPROCS=1 and whatever env adds.
func (b *bench) start(k kind, env ...string) (*server, error) {
	cmd := exec.CommandContext(b.ctx, k.argv[0], k.argv[1:]...)
	if k.inGo {
		cmd.Env = append(withoutGoSettings(os.Environ()), append([]string{"GOMAXPROCS=1"}, env...)...)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = w, w
	err = startPinned(cmd, serverCPU)
	w.Close()
	if err != nil {
		r.Close()
		return nil, err
	}
	s := &server{kind: k, cmd: cmd, done: make(chan struct{})}
	ports := make(chan string, 1)
	go s.follow(r, ports)
	select {
	case s.port = <-ports:
		if s.port == "" {
			s.stop()
			return nil, fmt.Errorf("%s ended before it listened", k.name)
		}
		return s, nil
	case <-time.After(10 * time.Second):
		s.stop()
		return nil, fmt.Errorf("%s did not say that it listens", k.name)
	}
}

// follow looks for the port in what the server prints, keeps the last line,
// and waits for the server's end.
func (s *server) follow(r *os.File, ports chan<- string) {
	defer close(s.done)
	defer r.Close()
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if m := listening.FindStringSubmatch(lines.Text()); m != nil && m[1] != "0" {
			ports <- m[1]
			break
		}
	}
	close(ports)
	for lines.Scan() {
		s.last = append(s.last[:0], lines.Bytes()...)
	}
	io.Copy(io.Discard, r) // a line too long for the scanner
	s.cmd.Wait()
}

// end asks the server to end in order, and waits until it has.
func (s *server) end() {
	s.cmd.Process.Signal(syscall.SIGTERM)
	<-s.done
}

// stop ends the server.
func (s *server) stop() {
	s.cmd.Process.Kill()
	<-s.done
}

func (s *server) pid() int { return s.cmd.Process.Pid }

// startPinned starts a command on one CPU: the child inherits the affinity of
// the thread that starts it. Should this process be killed, the child ends too.
func startPinned(cmd *exec.Cmd, cpu int) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return err
	}
	one.Set(cpu)
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		return fmt.Errorf("pinning to CPU %d: %w", cpu, err)
	}
	defer unix.SchedSetaffinity(0, &before)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd.Start()
}

// withoutGoSettings drops what would change how Go servers run.
func withoutGoSettings(env []string) []string {
	var kept []string
	for _, e := range env {
		name, _, _ := strings.Cut(e, "=")
		switch name {
		case "GOGC", "GOMEMLIMIT", "GOMAXPROCS", "GODEBUG":
		default:
			kept = append(kept, e)
		}
	}
	return kept
}
