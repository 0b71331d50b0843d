package main

import (
	"math"
	"runtime/metrics"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestPausesBetween(t *testing.T) {
	buckets := []float64{0, 1, 2, math.Inf(1)}
	before := &metrics.Float64Histogram{Counts: []uint64{5, 5, 5}, Buckets: buckets}
	after := &metrics.Float64Histogram{Counts: []uint64{7, 5, 6}, Buckets: buckets}
	if sum, longest := pausesBetween(before, after); sum != 2*1+2 || longest != 2 {
		t.Errorf("sum %v, longest %v", sum, longest)
	}
}

func TestPow2ReusesByCapacity(t *testing.T) {
	p := new(pow2)
	for _, n := range []int{1, 64, 65, 1 << 10, 1<<10 + 1} {
		s := p.get(n)
		if len(*s) != n || cap(*s) < n || cap(*s)&(cap(*s)-1) != 0 {
			t.Errorf("%d: length %d, capacity %d", n, len(*s), cap(*s))
		}
		p.put(s)
		if again := p.get(cap(*s)); len(*again) != cap(*s) {
			t.Errorf("%d: got %d", cap(*s), len(*again))
		}
	}
}

func TestTimed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ops := 0
		ns := timed(time.Millisecond, func(n int) {
			ops += n
			<-time.After(time.Duration(n) * time.Microsecond)
		})
		if ops == 0 || ns != 1000 {
			t.Errorf("%d operations of %v ns", ops, ns)
		}
	})
}

func TestInterleaveTurnsRound(t *testing.T) {
	var order string
	row := func(name string) contender {
		return contender{name, func(time.Duration) (float64, error) {
			order += name
			return float64(len(order)), nil
		}}
	}
	b := &bench{ctx: t.Context(), rounds: 3}
	all, err := b.interleave([]contender{row("A"), row("B"), {name: "absent"}})
	if err != nil || order != "ABBAAB" {
		t.Errorf("order %s, %v", order, err)
	}
	if v := find(all, "B"); len(v) != 3 || v[1] != 3 || len(find(all, "absent")) != 0 {
		t.Errorf("%+v", all)
	}
}

func TestOfControlLeavesOutRoundsWithOneCore(t *testing.T) {
	if got := ofControl([]float64{1.8, 1, 1.7}, []float64{2, 1, 1.7}); !slices.Equal(got, []float64{1.8, 2}) {
		t.Errorf("%v", got)
	}
}

func TestFigures(t *testing.T) {
	for v, want := range map[float64]string{0.123: "0.12", 12.34: "12.3", 123.4: "123", -0.5: "-0.50"} {
		if got := figure(v); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
	for n, want := range map[int]string{64: "64 B", 1 << 10: "1 KiB", 1000: "1000 B", 3 << 20: "3 MiB"} {
		if got := bytesName(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
