//go:build linux

package transport

import (
	"context"
	"errors"
	"io"
	"math"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var errBad = errors.New("a bad line")

func TestServerDefaults(t *testing.T) {
	r := start(t, &Server{Accept: newEcho})
	if n := len(r.Group().Loops()); n != runtime.GOMAXPROCS(0) {
		t.Errorf("%d loops, want GOMAXPROCS", n)
	}
	if _, ok := r.Addr().(*net.TCPAddr); !ok {
		t.Errorf("listening on a %T, want TCP", r.Addr())
	}
	c := connect(t, r.Addr())
	ping(t, c)
	if n := r.Conns(); n != 1 {
		t.Errorf("Conns is %d, want 1", n)
	}
	c.Close()
	eventually(t, "Conns to be 0", func() bool { return r.Conns() == 0 })
	if r.Stats().Calls() == 0 {
		t.Errorf("Stats counts no calls")
	}
}

func TestMaxConnsDefaults(t *testing.T) {
	if n := maxConns(7); n != 7 {
		t.Errorf("7 means %d", n)
	}
	if n := maxConns(-1); n != math.MaxInt {
		t.Errorf("negative means %d, want no limit", n)
	}
	if n := maxConns(0); n < 16 || n >= openFiles() {
		t.Errorf("zero means %d of %d open files", n, openFiles())
	}
}

func TestErrNoAccept(t *testing.T) {
	if _, err := new(Server).Start(context.Background()); err != ErrNoAccept {
		t.Errorf("Start: %v", err)
	}
	if err := new(Server).ListenAndServe(context.Background()); err != ErrNoAccept {
		t.Errorf("ListenAndServe: %v", err)
	}
	if _, err := new(Client).Dial(context.Background(), "tcp", "127.0.0.1:1", nil); err != ErrNoAccept {
		t.Errorf("Dial: %v", err)
	}
}

// A server that cannot listen leaves no loops behind.
func TestListenFails(t *testing.T) {
	r := start(t, &Server{Accept: newEcho})
	before := runtime.NumGoroutine()
	s := Server{Addr: r.Addr().String(), Accept: newEcho}
	if _, err := s.Start(context.Background()); err == nil {
		t.Error("an address in use was listened on")
	}
	eventually(t, "the loops to end", func() bool { return runtime.NumGoroutine() <= before })
}

type brokenEngine struct{}

var errEngine = errors.New("no loops today")

func (brokenEngine) Start(engine.Config) (engine.Group, error) { return nil, errEngine }
func (brokenEngine) String() string                            { return "broken" }

func (brokenEngine) Capabilities() engine.Capabilities { return engine.Capabilities{} }

func TestEngineFails(t *testing.T) {
	s := Server{Engine: brokenEngine{}, Accept: newEcho}
	if _, err := s.Start(context.Background()); err != errEngine {
		t.Errorf("Start: %v, want the engine's error", err)
	}
	c := Client{Engine: brokenEngine{}}
	for range 2 {
		if _, err := c.Dial(context.Background(), "tcp", "127.0.0.1:1", newEcho); err != errEngine {
			t.Errorf("Dial: %v, want the engine's error", err)
		}
	}
	if err := c.Close(context.Background()); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// The fields for channels arrive there.
func TestServerOptions(t *testing.T) {
	type seen struct{ writable bool }
	got := make(chan seen, 1)
	r := start(t, &Server{
		Marks: channel.Watermark{High: 1000}, HalfOpen: true, MaxConns: 1, Loops: 1,
		Accept: func(*channel.Channel) channel.Sink {
			return &opening{open: func(ch *channel.Channel) error {
				b := ch.Alloc(32 << 20)
				b.PutZero(32 << 20)
				err := ch.Write(b)
				got <- seen{ch.Writable()}
				return err
			}}
		},
	})
	c := connect(t, r.Addr())
	if s := await(t, "Open", got); s.writable {
		t.Error("32 MiB are not above the high mark")
	}
	second := connect(t, r.Addr()) // MaxConns keeps it waiting
	c.(*net.TCPConn).CloseWrite()
	if n, err := io.CopyN(io.Discard, c, 32<<20); err != nil {
		t.Errorf("got %d bytes, then %v", n, err)
	}
	// Half open: the server does not end its stream although we have.
	c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, context.DeadlineExceeded) && !isTimeout(err) {
		t.Errorf("read: %v, want nothing yet", err)
	}
	if n := r.Conns(); n != 1 {
		t.Errorf("Conns is %d, want 1", n)
	}
	second.Close()
}

func isTimeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}

// opening is an echo with an Open of its own.
type opening struct {
	echo
	open func(*channel.Channel) error
}

func (s *opening) Open(ch *channel.Channel) error {
	s.ch = ch
	return s.open(ch)
}
