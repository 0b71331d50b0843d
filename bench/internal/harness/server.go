package harness

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// A Kind is a server that can be started.
type Kind struct {
	Name   string
	Argv   []string
	Go     bool   // GOMAXPROCS and GOGC mean something to it
	Free   bool   // not pinned, nor is its load, and Go may use all CPUs
	Counts bool   // it tells RuntimeCounts
	Port   string // where it will listen, of a server that does not say so itself

	// Optional: it needs something that a system may lack, so it is no failure if it does not start.
	Optional bool
}

// The names of the floor and of the same binary run once more: how far "c again" is from "c" is what the machine cannot
// tell apart just now.
const (
	Floor      = "c"
	FloorAgain = "c again"
)

// A Server is a running server.
type Server struct {
	Kind
	Port string
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	told chan string   // a line that begins as those of counts do
	said string        // the first line, if that is not where it listens
	last []byte        // the latest line since it listened
}

var listening = regexp.MustCompile(`listening on \S*:(\d+)\b`)

// startTime is how long a server may take until it listens.
const startTime = 10 * time.Second

// Start runs a server on its CPU and waits until it listens. A Go server gets GOMAXPROCS=1, unless it is free, and whatever env
// adds. The server is killed when ctx ends, or this process does.
func Start(ctx context.Context, k Kind, env ...string) (*Server, error) {
	cmd := exec.CommandContext(ctx, k.Argv[0], k.Argv[1:]...)
	if k.Go {
		cmd.Env = withoutGoSettings(os.Environ())
		if !k.Free {
			cmd.Env = append(cmd.Env, "GOMAXPROCS=1")
		}
		cmd.Env = append(cmd.Env, env...)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = w, w
	err = k.startOn(cmd, ServerCPU)
	w.Close()
	if err != nil {
		r.Close()
		return nil, err
	}
	s := &Server{Kind: k, cmd: cmd, done: make(chan struct{}), told: make(chan string, 1)}
	ports := make(chan string, 1)
	go s.follow(r, ports)
	if k.Port != "" {
		go s.knock(ports)
	}
	select {
	case s.Port = <-ports:
	case <-time.After(startTime):
	}
	if s.Port == "" {
		s.Stop()
		return nil, fmt.Errorf("%s did not get to listen: %s", k.Name, s.complaint())
	}
	return s, nil
}

// follow looks for the port in what the server prints, keeps the last line, and waits for the server's end.
func (s *Server) follow(r *os.File, ports chan<- string) {
	defer close(s.done)
	defer r.Close()
	lines := bufio.NewScanner(r)
	said := s.Kind.Port != ""
	for lines.Scan() {
		if m := listening.FindStringSubmatch(lines.Text()); !said && m != nil && m[1] != "0" {
			ports <- m[1]
			said = true
			continue
		}
		if strings.HasPrefix(lines.Text(), countsPrefix) {
			select {
			case s.told <- lines.Text():
			default: // nobody asked
			}
			continue
		}
		s.last = append(s.last[:0], lines.Bytes()...)
		if !said && s.said == "" {
			s.said = lines.Text()
		}
	}
	if !said {
		ports <- ""
	}
	io.Copy(io.Discard, r) // a line too long for the scanner
	s.cmd.Wait()
}

// complaint is what a server said that does not listen: a program that does not know a flag tells that first, and then
// which it knows; others tell the reason last.
func (s *Server) complaint() string {
	last := strings.TrimSpace(string(s.last))
	if s.said == "" || s.said == last {
		return last
	}
	return s.said + " ... " + last
}

// knock tries to connect to a server that does not say when it listens.
func (s *Server) knock(ports chan<- string) {
	for end := time.Now().Add(startTime); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		select {
		case <-s.done:
			ports <- ""
			return
		default:
		}
		if c, err := net.Dial("tcp", "127.0.0.1:"+s.Kind.Port); err == nil {
			c.Close()
			ports <- s.Kind.Port
			return
		}
	}
}

// End asks the server to end in order, waits until it has, and returns the last line that it has printed.
func (s *Server) End() string {
	s.cmd.Process.Signal(syscall.SIGTERM)
	<-s.done
	return string(s.last)
}

// Stop ends the server.
func (s *Server) Stop() {
	s.cmd.Process.Kill()
	<-s.done
}

// Ended tells whether the server has ended, of itself or because it was stopped.
func (s *Server) Ended() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// Pid returns the server's process ID.
func (s *Server) Pid() int { return s.cmd.Process.Pid }

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
