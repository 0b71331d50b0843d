package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/metrics"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
)

// Kinds of live memory.
const (
	gcNone   = "none"
	gcPool   = "Pool"
	gcMake   = "make"
	gcRecord = "records" // make, in structs that point to each other
)

// collections is how many are forced; the figures are medians.
const collections = 7

// collection is what one forced collection cost.
type collection struct {
	Wall     float64 `json:"wallMs"`
	CPU      float64 `json:"cpuMs"`
	Mark     float64 `json:"markCpuMs"`
	Pauses   float64 `json:"pausesUs"`  // all of one collection
	Longest  float64 `json:"longestUs"` // of any; the upper end of the runtime's bucket
	Heap     int64   `json:"heap"`      // bytes of live Go memory
	Resident int64   `json:"resident"`
}

// record is a small struct around a slice, as a parsed message is.
type record struct {
	prev, next *record
	name       string
	body       []byte
}

// measureGC fills memory and forces collections.
func measureGC(t childTask) (collection, error) {
	live, err := fillMemory(t.Row, int(t.Bytes/int64(t.Size)), t.Size)
	if err != nil {
		return collection{}, err
	}
	runtime.GC() // the first one finishes what filling began
	var walls, cpus, marks, pauses []float64
	longest := 0.0
	for range collections {
		before := readGC()
		start := time.Now()
		runtime.GC()
		walls = append(walls, time.Since(start).Seconds()*1e3)
		after := readGC()
		cpus = append(cpus, (after.cpu-before.cpu)*1e3)
		marks = append(marks, (after.mark-before.mark)*1e3)
		sum, most := pausesBetween(before.pauses, after.pauses)
		pauses = append(pauses, sum*1e6)
		longest = max(longest, most*1e6)
	}
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(heap)
	c := collection{median(walls), median(cpus), median(marks), median(pauses), longest, int64(heap[0].Value.Uint64()), rss(os.Getpid())}
	runtime.KeepAlive(live)
	return c, nil
}

// fillMemory returns n live buffers whose pages are all written.
func fillMemory(kind string, n, size int) (any, error) {
	stride := os.Getpagesize()
	switch kind {
	case gcNone:
		return nil, nil
	case gcPool:
		pool := &buffer.Pool{Limit: -1}
		live := make([]*buffer.Buf, n)
		for i := range live {
			live[i] = filled(pool.Alloc(size), size, stride)
		}
		return live, nil
	case gcMake:
		live := make([][]byte, n)
		for i := range live {
			live[i] = make([]byte, size)
			touch(live[i], stride)
		}
		return live, nil
	case gcRecord:
		var head *record
		for range n {
			r := &record{next: head, name: "record", body: make([]byte, size)}
			touch(r.body, stride)
			if head != nil {
				head.prev = r
			}
			head = r
		}
		return head, nil
	}
	return nil, fmt.Errorf("no kind %q", kind)
}

// gcTotals are the runtime's sums since the process began.
type gcTotals struct {
	cpu, mark float64 // seconds
	pauses    *metrics.Float64Histogram
}

func readGC() gcTotals {
	s := []metrics.Sample{
		{Name: "/cpu/classes/gc/total:cpu-seconds"},
		{Name: "/cpu/classes/gc/mark/assist:cpu-seconds"},
		{Name: "/cpu/classes/gc/mark/dedicated:cpu-seconds"},
		{Name: "/cpu/classes/gc/mark/idle:cpu-seconds"},
		{Name: "/sched/pauses/total/gc:seconds"},
	}
	metrics.Read(s)
	return gcTotals{
		cpu:    s[0].Value.Float64(),
		mark:   s[1].Value.Float64() + s[2].Value.Float64() + s[3].Value.Float64(),
		pauses: s[4].Value.Float64Histogram(),
	}
}
