package browsertest

import (
	"bufio"
	"bytes"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// root is the repository.
const root = "../../.."

// programs is where TestMain has put what it built.
var programs string

// TestMain builds the examples.
func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "ropewalk-examples")
		if err != nil {
			log.Print(err)
			return 1
		}
		defer os.RemoveAll(dir)
		programs = dir
		cmd := exec.Command("go", "build", "-buildvcs=false", "-o", dir, "./examples/web", "./examples/chat")
		cmd.Dir = root
		if text, err := cmd.CombinedOutput(); err != nil {
			log.Printf("%v: %v\n%s", cmd, err, text)
			return 1
		}
		return m.Run()
	}())
}

// A server is a running example.
type server struct {
	t    testing.TB
	cmd  *exec.Cmd
	addr string // host and port
	may  string // what lines of the log may have in them

	mu   sync.Mutex
	text bytes.Buffer
	read chan struct{} // closed when all of the log is there
}

// start starts an example and waits until it listens. It ends with the test.
func start(t testing.TB, name string, args ...string) *server {
	t.Helper()
	s := &server{t: t, cmd: exec.Command(filepath.Join(programs, name), args...), read: make(chan struct{})}
	out, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	listening := make(chan string, 1)
	go s.follow(out, listening)
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case s.addr = <-listening:
	case <-s.read:
		t.Fatalf("%s does not listen:\n%s", name, s.logged())
	case <-timer.C:
		t.Fatalf("%s does not listen in time:\n%s", name, s.logged())
	}
	return s
}

func (s *server) follow(r io.Reader, listening chan<- string) {
	defer close(s.read)
	for lines := bufio.NewScanner(r); lines.Scan(); {
		if _, addr, ok := strings.Cut(lines.Text(), "listening on "); ok {
			listening <- addr
			continue
		}
		s.mu.Lock()
		if s.may != "" && strings.Contains(lines.Text(), s.may) {
			s.mu.Unlock()
			continue
		}
		s.text.WriteString(lines.Text() + "\n")
		s.mu.Unlock()
	}
}

// mayLog permits lines of the log with a text in them.
func (s *server) mayLog(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.may = text
}

func (s *server) logged() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// stop ends the server as an operator does, and expects it to end well, and to have logged nothing but where it listened, and
// what it may.
func (s *server) stop() {
	if s.cmd == nil {
		return
	}
	cmd := s.cmd
	s.cmd = nil
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Error(err)
	}
	end := time.AfterFunc(patience, func() { cmd.Process.Signal(os.Kill) })
	defer end.Stop()
	<-s.read
	if err := cmd.Wait(); err != nil {
		s.t.Errorf("%s, told to stop: %v", filepath.Base(cmd.Path), err)
	}
	if text := s.logged(); text != "" {
		s.t.Errorf("%s has logged:\n%s", filepath.Base(cmd.Path), text)
	}
}
