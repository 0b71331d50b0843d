package main

import (
	"slices"
	"testing"
)

// check plays a pattern on paper and returns its operations.
func check(t *testing.T, p pattern) (ops []op, peak int) {
	t.Helper()
	sizes := make([]int, p.slots)
	live, counting := 0, 0
	for o := range p.ops {
		ops = append(ops, o)
		switch {
		case o.Slot == countSlot:
			counting++
		case o.Slot == idleSlot:
		case o.Slot < 0 || int(o.Slot) >= p.slots || o.Size < 0 || o.Size > largest:
			t.Fatalf("%s: operation %d is %+v", p.name, len(ops), o)
		default:
			live += int(o.Size) - sizes[o.Slot]
			sizes[o.Slot] = int(o.Size)
			peak = max(peak, live)
		}
	}
	if counting != 1 {
		t.Errorf("%s says %d times that it is under way", p.name, counting)
	}
	return ops, peak
}

func TestPatternsAreTheSameForTheSameSeed(t *testing.T) {
	for _, p := range patterns {
		a, _ := check(t, p.make(1, 20_000))
		b, _ := check(t, p.make(1, 20_000))
		c, _ := check(t, p.make(2, 20_000))
		if !slices.Equal(a, b) {
			t.Errorf("%s differs for one seed", p.name)
		}
		if slices.Equal(a, c) {
			t.Errorf("%s is the same for two seeds", p.name)
		}
	}
}

func TestPatternsStopWhenAsked(t *testing.T) {
	for _, p := range patterns {
		for want := range 5 {
			n := 0
			for range p.make(1, 20_000).ops {
				if n++; n > want {
					break
				}
			}
		}
	}
}

func TestPhasesKeepTheirBytes(t *testing.T) {
	if _, peak := check(t, phases(1, 1_000_000)); peak > phaseLive || peak < phaseLive*99/100 {
		t.Errorf("%d bytes live, want about %d", peak, phaseLive)
	}
}

func TestPinsEndWithTheLongLivedAlone(t *testing.T) {
	ops, _ := check(t, pins(1, 1))
	live := map[int32]bool{}
	for _, o := range ops {
		if o.Slot >= 0 {
			live[o.Slot] = o.Size > 0
		}
	}
	for slot, live := range live {
		if live != (slot >= pinWindow) {
			t.Fatalf("slot %d live: %v", slot, live)
		}
	}
}

func TestFill(t *testing.T) {
	if ops, peak := check(t, fill(512)); len(ops) != window+1 || peak != window*512 {
		t.Errorf("%d operations, %d bytes", len(ops), peak)
	}
}

func TestLogUniformStaysWithin(t *testing.T) {
	r := source(1)
	small := 0
	for range 12_000 {
		n := logUniform(r, 64, 256<<10)
		if n < 64 || n > 256<<10 {
			t.Fatalf("size %d", n)
		}
		if n < 128 {
			small++
		}
	}
	if small < 800 || small > 1200 {
		t.Errorf("%d of 12000 are in the first of twelve doublings", small)
	}
}

func TestHistogramIsWhole(t *testing.T) {
	sum := 0
	for _, h := range histogram {
		sum += h.percent
	}
	if sum != 100 {
		t.Errorf("%d %%", sum)
	}
}
