//go:build linux

package socket_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/socket"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

// A wake-up that comes when the loop has ended must not be written into a descriptor that is another's by now.
func TestWakeAfterEnd(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
		for range 32 { // they take the numbers that were free, among them those of the loop
			fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { unix.Close(fd) })
			defer func() {
				var count [8]byte
				if n, err := unix.Read(fd, count[:]); err != unix.EAGAIN {
					t.Errorf("descriptor %d was written to: read returns %d, %v", fd, n, err)
				}
			}()
		}
		for range 10 {
			g.Loop.WakeUp()
		}
	})
}

// A Poller is not called by wake-ups while it closes, nor after that, however many come.
func TestWakeWhileClosing(t *testing.T) {
	for range 20 {
		p := &deafPoller{woken: make(chan struct{}, 1)}
		g, err := socket.Start(engine.Config{Loops: 1}, socket.Kind{Name: "deaf", Open: p.open})
		if err != nil {
			t.Fatal(err)
		}
		l := g.Loops()[0].Engine.(*socket.Loop)
		var stop atomic.Bool
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for !stop.Load() {
					l.WakeUp()
				}
			})
		}
		if err := g.Close(); err != nil {
			t.Error(err)
		}
		l.WakeUp()
		stop.Store(true)
		wg.Wait()
		if n := p.late.Load(); n > 0 {
			t.Fatalf("Wake was called %d times after Close", n)
		}
		if !p.closed.Load() {
			t.Fatal("the poller was not closed")
		}
	}
}

// A deafPoller has no descriptors: it only wakes up.
type deafPoller struct {
	socket.Poller // nil: no other call is expected
	loop          *socket.Loop
	woken         chan struct{}
	closed        atomic.Bool
	late          atomic.Int32
}

func (p *deafPoller) open(l *socket.Loop) (socket.Poller, error) { p.loop = l; return p, nil }
func (p *deafPoller) Next(int) (*socket.Conn, int)               { return nil, 0 }
func (p *deafPoller) Busy() bool                                 { return false }
func (p *deafPoller) Idle() bool                                 { return true }
func (p *deafPoller) Close()                                     { p.closed.Store(true) }

func (p *deafPoller) Wait(d time.Duration) {
	if d < 0 {
		d = time.Hour
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-p.woken:
	case <-timer.C:
	}
	p.loop.Woke()
}

func (p *deafPoller) Wake() {
	if p.closed.Load() {
		p.late.Add(1)
	}
	select {
	case p.woken <- struct{}{}:
	default:
	}
}
