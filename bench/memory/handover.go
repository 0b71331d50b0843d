package main

import (
	"errors"
	"fmt"
	"time"
)

const handoverSize = 1 << 10

// handoverSlack is what a pool may hold besides the buffers that are under way.
const handoverSlack = 1 << 20

// handover measures buffers that are made on one goroutine and released on
// another, which they reach through a ring of 1,024 places, beside the same with
// one and the same pointer.
func (b *bench) handover() error {
	pointer := newHandover[*byte](nothing{})
	all := []contender{{"a pointer", pointer.measure}}
	opened := []*handover{pointer}
	for _, r := range rows {
		h := r.handover()
		opened = append(opened, h)
		all = append(all, contender{r.name, h.measure})
	}
	results, err := b.interleave(all)
	t := &table{
		Title:   fmt.Sprintf("handover: %s made here, released there", bytesName(handoverSize)),
		Columns: []string{"", "ns", "quartiles", "without the ring", "held KiB", "goal", "verdict"},
	}
	base := find(results, "a pointer")
	for i, h := range opened {
		held := h.held()
		err = errors.Join(err, h.close())
		if err != nil {
			continue
		}
		s := results[i]
		b.report.keep("handover", bytesName(handoverSize), s.name, s.values)
		own := combine(s.values, base, func(a, b float64) float64 { return a - b })
		kib, bound, verdict := "", "", ""
		if s.name == "Cache" || s.name == "Pool" {
			kib = fmt.Sprint(held >> 10)
			g := b.report.Goals.AtMost(float64(2*ringSize*handoverSize+handoverSlack)/(1<<10), float64(held)/(1<<10), "handover: %s, KiB held", s.name)
			bound, verdict = g.Bound(), g.Verdict()
		}
		t.Row(s.name, figure(median(s.values)), quartiles(s.values), figure(median(own)), kib, bound, verdict)
	}
	if err != nil {
		return err
	}
	b.report.add(t)
	return nil
}

// handover is a pair of goroutines: the caller's makes, another one releases.
type handover struct {
	measure func(d time.Duration) (float64, error)
	held    func() int64
	close   func() error
}

func newHandover[H any](h heap[H]) *handover {
	return &handover{
		measure: func(d time.Duration) (float64, error) { return makeHereReleaseThere(h, d), nil },
		held:    h.held,
		close:   h.close,
	}
}

func makeHereReleaseThere[H any](h heap[H], d time.Duration) float64 {
	type parcel struct {
		h    H
		last bool
	}
	r, done := newRing[parcel](), make(chan struct{})
	go func() {
		defer close(done)
		for {
			p := r.pop()
			if p.last {
				return
			}
			h.put(p.h)
		}
	}()
	defer func() {
		r.push(parcel{last: true})
		r.flush()
		<-done
	}()
	return timed(d, func(n int) {
		for range n {
			r.push(parcel{h: h.get(handoverSize, handoverSize)})
		}
	})
}

// nothing is a heap of one byte.
type nothing struct{ goMemory }

var theByte byte

func (nothing) get(int, int) *byte { return &theByte }
func (nothing) put(*byte)          {}
