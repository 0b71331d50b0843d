//go:build linux

package socket_test

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

// framesMore is what an idle connection with a pipeline of two stages, as of examples/frames, may hold beyond one with a small
// sink, in bytes.
const framesMore = 256

// An idle connection that has talked before holds no buffer, no queue and no timer.
func TestIdleMemory(t *testing.T) {
	const conns = 2000
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil || limit.Cur < 6*conns+100 {
		t.Skipf("%d connections need more descriptors than %d", conns, limit.Cur)
	}
	sockettest.Eventually(t, "most memory of other tests to be gone", func() bool { return heapInUse() < 16<<20 })
	onEach(t, func(t *testing.T, v variant) {
		for _, c := range []struct {
			name   string
			accept func(*channel.Channel) channel.Sink
			limit  int64
		}{
			{"echo", func(*channel.Channel) channel.Sink { return new(sockettest.BareEcho) }, v.idle},
			{"frames", framesSink, v.idle + framesMore},
		} {
			t.Run(c.name, func(t *testing.T) {
				var held int64
				for range 5 { // memory of other tests that goes meanwhile makes it too small, the runtime's own too large
					if held = heldByIdle(t, v.engine, c.accept, conns); held >= leastIdle && held <= c.limit {
						break
					}
				}
				t.Logf("%d bytes for an idle connection", held)
				if held < leastIdle || held > c.limit {
					t.Errorf("an idle connection holds %d bytes, want at most %d, and no fewer than %d", held, c.limit, leastIdle)
				}
			})
		}
	})
}

// leastIdle is less than the channel alone has: if a connection is found to hold no more, the measurement is wrong.
const leastIdle = 100

// heldByIdle returns the bytes of the Go heap and of the pool that each of some idle connections holds.
func heldByIdle(t *testing.T, e engine.Engine, accept func(*channel.Channel) channel.Sink, conns int) int64 {
	t.Helper()
	g := sockettest.Start(t, e)
	connect, ln := g.ServeRaw(accept)
	message := []byte{0, 0, 0, 4, 'p', 'i', 'n', 'g'}
	room := make([]byte, 100)
	peers := make([]sockettest.RawPeer, 0, conns)
	first := connect()
	first.Exchange(t, message, room)

	before := heapInUse() + g.Pool.Held()
	for range conns {
		p := connect()
		p.Exchange(t, message, room)
		peers = append(peers, p)
	}
	for i := range peers { // a second message, in another order
		peers[conns-1-i].Exchange(t, message, room)
	}
	held := heapInUse() + g.Pool.Held() - before
	if ln.Conns() != conns+1 {
		t.Fatalf("%d connections are open, want %d", ln.Conns(), conns+1)
	}
	runtime.KeepAlive(peers)
	return held / int64(conns)
}

// heapInUse returns what is on the heap when all has gone that can go, also what cleanups have let go of.
func heapInUse() int64 {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
