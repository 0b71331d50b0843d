package poolprom_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
	poolprom "github.com/ropewalk/ropewalk/buffer/metrics/prometheus"
)

var (
	_ poolprom.Source = new(buffer.Pool)
	_ poolprom.Source = new(buffer.Heap)
)

// fixed is a source whose books never change.
type fixed buffer.Stats

func (f fixed) Stats() buffer.Stats { return buffer.Stats(f) }

// full has another number in every field.
var full = fixed{
	Limit: 1000, Held: 2, Peak: 3, Live: 4, Cached: 5, Idle: 6, Handles: 7, HandlesMade: 8, Refills: 9, Copied: 10,
	Pressed: true, Pressures: 11, Refused: 12, Trims: 13, Trimmed: 14, Leaks: 15, Watched: 16, Large: 17, LargeBytes: 18,
	Classes: []buffer.ClassStats{
		{Size: 64, Chunks: 1, Blocks: 9, Live: 2, Cached: 3, Free: 4},
		{Size: 1 << 20, Chunks: 5, Blocks: 5, Live: 5},
	},
}

func TestCollect(t *testing.T) {
	want, err := os.Open("testdata/full.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer want.Close()
	if err := testutil.CollectAndCompare(poolprom.NewCollector(full, "full"), want); err != nil {
		t.Error(err)
	}
}

func TestNoLimit(t *testing.T) {
	c := poolprom.NewCollector(fixed{Limit: math.MaxInt64}, "none")
	want := `
# HELP ropewalk_buffer_limit_bytes The most bytes that the pool maps.
# TYPE ropewalk_buffer_limit_bytes gauge
ropewalk_buffer_limit_bytes{pool="none"} +Inf
# HELP ropewalk_buffer_pressed Whether the pool is short of memory, so that loops do not read.
# TYPE ropewalk_buffer_pressed gauge
ropewalk_buffer_pressed{pool="none"} 0
`
	err := testutil.CollectAndCompare(c, strings.NewReader(want), "ropewalk_buffer_limit_bytes", "ropewalk_buffer_pressed")
	if err != nil {
		t.Error(err)
	}
}

// TestLint looks at names and help texts with the eyes of promtool.
func TestLint(t *testing.T) {
	problems, err := testutil.CollectAndLint(poolprom.NewCollector(full, "full"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// TestPedantic collects real pools through a registry that compares what is collected with what was described, while the pools
// are in use.
func TestPedantic(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	pools := []*buffer.Pool{buffertest.Pool(t), buffertest.Pool(t)}
	for i, p := range pools {
		if err := registry.Register(poolprom.NewCollector(p, fmt.Sprint("pool ", i))); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for i, p := range pools {
		wg.Go(func() {
			for n := range 100 {
				b := p.Alloc(100 * (n + 1) * (i + 1))
				if _, err := registry.Gather(); err != nil {
					t.Error(err)
				}
				b.Release()
			}
		})
	}
	wg.Wait()
	registry.MustRegister(poolprom.NewCollector(full, "full")) // the pools may have no class at the moment
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	if len(families) != 21 {
		t.Errorf("%d metrics are collected, the package comment lists 21", len(families))
	}
	doc := documented(t)
	for _, f := range families {
		if !strings.Contains(doc, "\t"+strings.TrimPrefix(f.GetName(), "ropewalk_buffer_")) {
			t.Errorf("%s is not in the package comment", f.GetName())
		}
	}
}

func documented(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestSameName(t *testing.T) {
	registry := prometheus.NewRegistry()
	first := poolprom.NewCollector(full, "one")
	if err := registry.Register(first); err != nil {
		t.Fatal(err)
	}
	var already prometheus.AlreadyRegisteredError
	if err := registry.Register(poolprom.NewCollector(fixed{}, "one")); !errors.As(err, &already) || already.ExistingCollector != first {
		t.Errorf("the second of a name: %v", err)
	}
	if err := registry.Register(poolprom.NewCollector(full, "two")); err != nil {
		t.Error(err)
	}
	if !registry.Unregister(first) {
		t.Error("a collector could not be removed")
	}
}
