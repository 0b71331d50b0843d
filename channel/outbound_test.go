package channel

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
)

// outboundModel is a queue beside what is expected of it.
type outboundModel struct {
	t     *testing.T
	r     *rand.Rand
	q     Outbound
	cache *buffer.Cache
	path  string
	files []*os.File

	want   []byte // written and not sent
	got    []byte // last write
	serial byte
}

// TestOutbound writes a random mix of buffers and files and lets a fake kernel take random counts of it.
func TestOutbound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, pattern(40<<10, 7), 0o600); err != nil {
		t.Fatal(err)
	}
	seeds := 300
	if testing.Short() {
		seeds = 50
	}
	for seed := range seeds {
		pool := new(buffer.Pool)
		m := &outboundModel{t: t, r: rand.New(rand.NewPCG(1, uint64(seed))), cache: pool.NewCache(), path: path}
		for range 60 {
			if m.r.IntN(3) > 0 {
				m.write()
			}
			if m.r.IntN(2) > 0 {
				m.send()
			}
			if m.r.IntN(4) == 0 && m.q.Bytes() > 0 {
				m.q.compact(m.cache)
			}
			m.check()
		}
		if m.r.IntN(4) == 0 {
			m.q.clear()
		} else {
			for !m.q.Empty() {
				m.send()
			}
			if len(m.want) > 0 {
				t.Fatalf("seed %d: the queue is empty, %d bytes are missing", seed, len(m.want))
			}
		}
		if m.q.weight != 0 || m.q.rest() != 0 || m.q.Bytes() != 0 || m.q.File() != nil {
			t.Fatalf("seed %d: an empty queue has weight %d, rest %d", seed, m.q.weight, m.q.rest())
		}
		for _, f := range m.files {
			if _, err := f.Stat(); err == nil {
				t.Fatalf("seed %d: a file was not closed", seed)
			}
		}
		m.cache.Close()
		if err := pool.Close(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}
