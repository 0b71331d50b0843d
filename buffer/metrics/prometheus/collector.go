package poolprom

import (
	"math"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/ropewalk/ropewalk/buffer"
)

// A Source has books. *buffer.Pool and *buffer.Heap are Sources. Stats must be safe for use by several goroutines.
type Source interface {
	Stats() buffer.Stats
}

// NewCollector returns a collector of the metrics of one pool, which have the label pool with this name: see the package comment.
// Several pools have a collector each. A registry refuses a second one of the same name by
// prometheus.AlreadyRegisteredError.
func NewCollector(pool Source, name string) prometheus.Collector {
	c := &collector{pool: pool}
	label := prometheus.Labels{"pool": name}
	for _, m := range totals {
		c.totals = append(c.totals, prometheus.NewDesc(prefix+m.name, m.help, nil, label))
	}
	c.chunks = prometheus.NewDesc(prefix+"class_chunks", "Chunks of a size class.", []string{"size"}, label)
	c.blocks = prometheus.NewDesc(prefix+"class_blocks", "Blocks of a size class that are live, cached by loops, or free.",
		[]string{"size", "state"}, label)
	return c
}

const prefix = "ropewalk_buffer_"

// A total is a metric of a whole pool.
type total struct {
	name, help string
	kind       prometheus.ValueType
	value      func(*buffer.Stats) float64
}

const (
	counter = prometheus.CounterValue
	gauge   = prometheus.GaugeValue
)

var totals = []total{
	{"limit_bytes", "The most bytes that the pool maps.", gauge, func(s *buffer.Stats) float64 {
		if s.Limit == math.MaxInt64 {
			return math.Inf(1)
		}
		return float64(s.Limit)
	}},
	{"held_bytes", "Bytes that are mapped.", gauge, func(s *buffer.Stats) float64 { return float64(s.Held) }},
	{"held_peak_bytes", "The most bytes that were mapped.", gauge, func(s *buffer.Stats) float64 { return float64(s.Peak) }},
	{"live_bytes", "Bytes of blocks that buffers keep in place.", gauge, func(s *buffer.Stats) float64 { return float64(s.Live) }},
	{"cached_bytes", "Bytes of free blocks in the caches of loops.", gauge, func(s *buffer.Stats) float64 {
		return float64(s.Cached)
	}},
	{"idle_bytes", "Bytes of chunks of which nothing is in use.", gauge, func(s *buffer.Stats) float64 { return float64(s.Idle) }},
	{"handles", "Buffers that are owned by somebody.", gauge, func(s *buffer.Stats) float64 { return float64(s.Handles) }},
	{"handles_made_total", "Buffers made.", counter, func(s *buffer.Stats) float64 { return float64(s.HandlesMade) }},
	{"watched_handles", "Live buffers that are watched for leaks.", gauge, func(s *buffer.Stats) float64 {
		return float64(s.Watched)
	}},
	{"leaks_total", "Watched buffers that were lost.", counter, func(s *buffer.Stats) float64 { return float64(s.Leaks) }},
	{"refills_total", "How often a loop had no free block and went to the pool.", counter, func(s *buffer.Stats) float64 {
		return float64(s.Refills)
	}},
	{"copied_bytes_total", "Bytes moved from one block to another.", counter, func(s *buffer.Stats) float64 {
		return float64(s.Copied)
	}},
	{"pressed", "Whether the pool is short of memory, so that loops do not read.", gauge, func(s *buffer.Stats) float64 {
		if s.Pressed {
			return 1
		}
		return 0
	}},
	{"pressures_total", "How often the pool became short of memory.", counter, func(s *buffer.Stats) float64 {
		return float64(s.Pressures)
	}},
	{"refused_total", "Allocations that failed at the limit.", counter, func(s *buffer.Stats) float64 { return float64(s.Refused) }},
	{"trimmed_chunks_total", "Chunks given back to the system.", counter, func(s *buffer.Stats) float64 { return float64(s.Trims) }},
	{"trimmed_bytes_total", "Bytes of chunks given back to the system.", counter, func(s *buffer.Stats) float64 {
		return float64(s.Trimmed)
	}},
	{"large_blocks", "Blocks beyond 1 MiB, each a mapping of its own.", gauge, func(s *buffer.Stats) float64 {
		return float64(s.Large)
	}},
	{"large_bytes", "Bytes of blocks beyond 1 MiB.", gauge, func(s *buffer.Stats) float64 { return float64(s.LargeBytes) }},
}

// collector implements prometheus.Collector. It does not change once it is made.
type collector struct {
	pool           Source
	totals         []*prometheus.Desc // in the order of totals
	chunks, blocks *prometheus.Desc
}

// Describe tells all that Collect may send, which makes it a checked collector: the registry refuses what contradicts it.
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range c.totals {
		to <- d
	}
	to <- c.chunks
	to <- c.blocks
}

// Collect sends one snapshot: its metrics belong together.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	s := c.pool.Stats()
	for i, m := range totals {
		to <- prometheus.MustNewConstMetric(c.totals[i], m.kind, m.value(&s))
	}
	for _, one := range s.Classes {
		size := strconv.Itoa(one.Size)
		to <- prometheus.MustNewConstMetric(c.chunks, gauge, float64(one.Chunks), size)
		to <- prometheus.MustNewConstMetric(c.blocks, gauge, float64(one.Live), size, "live")
		to <- prometheus.MustNewConstMetric(c.blocks, gauge, float64(one.Cached), size, "cached")
		to <- prometheus.MustNewConstMetric(c.blocks, gauge, float64(one.Free), size, "free")
	}
}
