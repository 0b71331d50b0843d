//go:build linux

package socket_test

import (
	"context"
	"net"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/socket"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

// onProcessor runs f on a thread that stays on one processor.
func onProcessor(t *testing.T, cpu int, f func()) {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // for ever: the thread ends with the goroutine
		var set unix.CPUSet
		set.Set(cpu)
		err := unix.SchedSetaffinity(0, &set)
		if err == nil {
			f()
		}
		done <- err
	}()
	if err := sockettest.Await(t, "the goroutine on its processor", done); err != nil {
		t.Fatal(err)
	}
}

// With PinLoops each loop's thread is on a processor of its own, and with Steer it gets the connections whose packets come there:
// over loopback that is where the peer runs.
func TestSteer(t *testing.T) {
	cpus, err := socket.Processors()
	if err != nil {
		t.Fatal(err)
	}
	onEach(t, func(t *testing.T, v variant) {
		g := sockettest.StartWith(t, v.engine, engine.Config{Loops: len(cpus), PinLoops: true})
		for i, l := range g.Loops() {
			var set unix.CPUSet
			ran := make(chan error)
			l.Do(func(error) { ran <- unix.SchedGetaffinity(0, &set) })
			if err := sockettest.Await(t, "a call on the loop", ran); err != nil || set.Count() != 1 || !set.IsSet(cpus[i]) {
				t.Errorf("loop %d may run on %v, want processor %d only (%v)", i, set, cpus[i], err)
			}
		}
		sinks := make(chan *sockettest.Sink, 1)
		ln := g.Listen(engine.ListenConfig{Network: "tcp4", Addr: "127.0.0.1:0", ReusePort: true, Steer: true}, func(*channel.Channel) channel.Sink {
			s := sockettest.NewSink()
			sinks <- s
			return s
		})
		addr := &unix.SockaddrInet4{Port: ln.Addr().(*net.TCPAddr).Port, Addr: [4]byte{127, 0, 0, 1}}
		const rounds = 8
		for i, cpu := range cpus {
			right := 0
			for range rounds {
				onProcessor(t, cpu, func() {
					fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
					if err != nil {
						t.Error(err)
						return
					}
					defer unix.Close(fd)
					if err := unix.Connect(fd, addr); err != nil {
						t.Error(err)
					}
				})
				s := sockettest.Await(t, "a connection", sinks)
				sockettest.Await(t, "Open", s.Opened)
				if s.Channel.Loop() == g.Loops()[i] { // the field does not change
					right++
				}
				sockettest.Await(t, "Closed", s.Gone)
			}
			if right < rounds-1 { // the interrupt that handles the packet may wait until the thread is stopped
				t.Errorf("processor %d: %d of %d connections went to its loop", cpu, right, rounds)
			}
		}
	})
}

// Steer without ReusePort, and with more loops than processors, is refused.
func TestSteerRefused(t *testing.T) {
	cpus, err := socket.Processors()
	if err != nil {
		t.Fatal(err)
	}
	onEach(t, func(t *testing.T, v variant) {
		g := sockettest.StartWith(t, v.engine, engine.Config{Loops: len(cpus) + 1, PinLoops: true})
		refused := func(want string, c engine.ListenConfig) {
			c.Network, c.Addr, c.Steer, c.Options, c.MaxConns = "tcp", "127.0.0.1:0", true, channel.Options{}.Prepare(), 1
			if _, err := g.Group.Listen(context.Background(), c); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("Listen: %v, want an error with %q", err, want)
			}
		}
		refused("ReusePort", engine.ListenConfig{})
		refused("processors", engine.ListenConfig{ReusePort: true})
	})
}

// The program that steers is what the manual pages say, for any set of processors.
func TestSteeringProgram(t *testing.T) {
	for _, c := range []struct {
		cpus    []int
		sockets int
	}{{nil, 3}, {[]int{0, 1}, 2}, {[]int{3, 9, 11}, 3}} {
		program := socket.Steering(c.cpus, c.sockets)
		for cpu := range 16 {
			want := cpu % c.sockets
			for i, own := range c.cpus {
				if own == cpu {
					want = i
				}
			}
			if got := interpret(t, program, uint32(cpu)); got != want {
				t.Errorf("processors %v, %d sockets: processor %d gets socket %d, want %d", c.cpus, c.sockets, cpu, got, want)
			}
		}
	}
}

// interpret runs a program of those instructions that are in use.
func interpret(t *testing.T, p []unix.SockFilter, cpu uint32) int {
	t.Helper()
	var a uint32
	for pc := 0; pc < len(p); pc++ {
		switch in := p[pc]; in.Code {
		case 0x20: // ld [k]
			if in.K != 0xfffff024 {
				t.Fatalf("loads %#x", in.K)
			}
			a = cpu
		case 0x15: // jeq #k
			if a == in.K {
				pc += int(in.Jt)
			} else {
				pc += int(in.Jf)
			}
		case 0x94: // mod #k
			a %= in.K
		case 0x06: // ret #k
			return int(in.K)
		case 0x16: // ret a
			return int(a)
		default:
			t.Fatalf("instruction %#x", in.Code)
		}
	}
	t.Fatal("the program does not end")
	return 0
}
