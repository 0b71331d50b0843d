package main

import (
	"fmt"
	"time"

	"github.com/bytedance/gopkg/lang/mcache"
	"github.com/ropewalk/ropewalk/buffer"
	"github.com/valyala/bytebufferpool"
)

var allocSizes = []int{64, 1 << 10, 16 << 10, 256 << 10}

// alloc measures an allocation whose first byte is written and which is then
// released, over and over. All Go rows run in this process on this goroutine:
// each has its own pool, nothing is live between them, and a process for each
// would only add the luck of its addresses to the noise.
func (b *bench) alloc() error {
	pool := new(buffer.Pool)
	cache := pool.NewCache()
	defer cache.Close()
	simple, disabled, err := b.startNettyTwice()
	if err != nil {
		return err
	}
	defer simple.stop()
	defer disabled.stop()
	for _, size := range allocSizes {
		loops := []struct {
			name string
			loop func(n, size int)
		}{
			{"Cache", cacheLoop(cache)},
			{"Cache again", cacheLoop(cache)},
			{"Pool", poolLoop(new(buffer.Pool))},
			{"bytebufferpool", byteBufferLoop(new(bytebufferpool.Pool))}, // it learns one size, so each has its own
			{"mcache", mcacheLoop},
			{"sync.Pool 2^n", pow2Loop(new(pow2))},
			{"make", makeLoop},
		}
		var rows []contender
		for _, l := range loops {
			rows = append(rows, contender{l.name, func(d time.Duration) (float64, error) {
				return timed(d, func(n int) { l.loop(n, size) }), nil
			}})
		}
		rows = append(rows, simple.contender(nettySimple, "alloc %d", size), disabled.contender(nettyDisabled, "alloc %d", size))
		all, err := b.interleave(rows)
		if err != nil {
			return err
		}
		b.allocTable(size, all)
	}
	return nil
}

// allocGoals bounds the ratio of Cache to a row.
var allocGoals = map[string]float64{"bytebufferpool": 1, "mcache": 1, nettySimple: 0.5, nettyDisabled: 0.5}

func (b *bench) allocTable(size int, all []series) {
	t := &table{
		Title:   fmt.Sprintf("alloc: %s, first byte written, released", bytesName(size)),
		Columns: []string{"", "ns", "quartiles", "Cache is", "quartiles", "goal", "verdict"},
	}
	b.compare(t, "alloc", bytesName(size), "Cache", all, allocGoals)
	noteAgain(t, all)
	b.report.add(t)
}

// noteAgain says so when Cache does not agree with itself.
func noteAgain(t *table, all []series) {
	r := ratios(find(all, "Cache again"), find(all, "Cache"))
	if low, high := quantile(r, 0.25), quantile(r, 0.75); low < 0.85 || high > 1.15 {
		t.Note("noisy: Cache against itself has quartiles %.2f-%.2f; smaller differences mean nothing here", low, high)
	}
}

func cacheLoop(c *buffer.Cache) func(n, size int) {
	return func(n, size int) {
		for range n {
			o := c.Alloc(size)
			o.PutUint8(1)
			o.Release()
		}
	}
}

func poolLoop(p *buffer.Pool) func(n, size int) {
	return func(n, size int) {
		for range n {
			o := p.Alloc(size)
			o.PutUint8(1)
			o.Release()
		}
	}
}

func byteBufferLoop(p *bytebufferpool.Pool) func(n, size int) {
	return func(n, size int) {
		for range n {
			o := p.Get()
			if cap(o.B) < size {
				o.B = make([]byte, size)
			}
			o.B = o.B[:size]
			o.B[0] = 1
			p.Put(o)
		}
	}
}

func mcacheLoop(n, size int) {
	for range n {
		o := mcache.Malloc(size)
		o[0] = 1
		mcache.Free(o)
	}
}

func pow2Loop(p *pow2) func(n, size int) {
	return func(n, size int) {
		for range n {
			o := p.get(size)
			(*o)[0] = 1
			p.put(o)
		}
	}
}

// kept makes what makeLoop makes escape.
var kept []byte

func makeLoop(n, size int) {
	for range n {
		kept = make([]byte, size)
		kept[0] = 1
	}
	kept = nil
}
