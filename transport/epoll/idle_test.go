//go:build linux

package epoll

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
)

// idleLimit is what an idle connection with a small sink may hold, in bytes of the Go heap and of the pool. Most of it is
// the channel itself.
const idleLimit = 256

// framesLimit is the same with a pipeline of two stages, as of examples/frames.
const framesLimit = 512

// An idle connection that has talked before holds no buffer, no queue and no timer.
func TestIdleMemory(t *testing.T) {
	const conns = 2000
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil || limit.Cur < 2*conns+100 {
		t.Skipf("%d connections need more descriptors than %d", conns, limit.Cur)
	}
	for _, c := range []struct {
		name   string
		accept func(*channel.Channel) channel.Sink
		limit  int64
	}{
		{"echo", func(*channel.Channel) channel.Sink { return new(bareEcho) }, idleLimit},
		{"frames", framesSink, framesLimit},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := startOne(t)
			connect, ln := rawServe(t, g, c.accept)
			message := []byte{0, 0, 0, 4, 'p', 'i', 'n', 'g'}
			room := make([]byte, 100)
			peers := make([]rawPeer, 0, conns)
			first := connect()
			first.exchange(t, message, room)

			pool := g.config.Pool
			before := heapInUse() + pool.Held()
			for range conns {
				p := connect()
				p.exchange(t, message, room)
				peers = append(peers, p)
			}
			for i := range peers { // a second message, in another order
				peers[conns-1-i].exchange(t, message, room)
			}
			held := (heapInUse() + pool.Held() - before) / conns
			if ln.Conns() != conns+1 {
				t.Fatalf("%d connections are open, want %d", ln.Conns(), conns+1)
			}
			t.Logf("%d bytes for an idle connection", held)
			if held > c.limit {
				t.Errorf("an idle connection holds %d bytes, want at most %d", held, c.limit)
			}
			runtime.KeepAlive(peers)
		})
	}
}

func heapInUse() int64 {
	runtime.GC()
	runtime.GC() // what finalizers have let go
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
