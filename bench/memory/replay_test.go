package main

import (
	"testing"
	"time"
)

// scripted answers with prepared samples.
type scripted struct {
	samples []sample
	blocks  []int
	closed  bool
}

func (s *scripted) do(ops []op) (sample, error) {
	s.blocks = append(s.blocks, len(ops))
	return s.samples[len(s.blocks)-1], nil
}

func (s *scripted) close() error {
	s.closed = true
	return nil
}

func TestDriveCountsFromTheMarkAndAroundIdling(t *testing.T) {
	p := pattern{ops: func(yield func(op) bool) {
		for _, o := range []op{{0, 10}, {Slot: countSlot}, {1, 10}, {2, 10}, {Slot: idleSlot}, {3, 10}} {
			if !yield(o) {
				return
			}
		}
	}}
	s := &scripted{samples: []sample{
		{held: 900, live: 10, took: time.Microsecond},
		{held: 90, live: 30, resident: 60},
		{held: 60, live: 30, resident: 45},
		{held: 80, live: 40, resident: 40},
	}}
	f, err := drive(p, s)
	f.heldSum, f.liveSum = 0, 0
	want := fragments{Ops: 5, HeldMax: 3, HeldEnd: 2, HeldMean: 2.3, ResidentMax: 2, ResidentEnd: 1, PeakHeld: 90, PeakLive: 40, Ns: 200}
	if err != nil || f != want || !s.closed {
		t.Errorf("%+v, %v, want %+v", f, err, want)
	}
}

func TestRowsReplayPatterns(t *testing.T) {
	for _, p := range patterns {
		_, peak := check(t, p.make(1, 5000))
		for _, r := range rows {
			again := p.make(1, 5000)
			f, err := r.replay(again)
			if err != nil {
				t.Errorf("%s %s: %v", p.name, r.name, err)
			}
			slack := int64(0)
			if again.elsewhere {
				slack = 66 * largest // what is on its way to the other goroutine
			}
			ours := r.name == "Cache" || r.name == "Pool" // of the Go heap, what other tests left behind goes away meanwhile
			if f.PeakLive > int64(peak)+slack || f.PeakLive < int64(peak)/2 || ours && f.HeldMax < 1 {
				t.Errorf("%s %s: %+v, at most %d live", p.name, r.name, f, peak)
			}
		}
	}
}
