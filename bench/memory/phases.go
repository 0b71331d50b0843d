package main

import "math/rand/v2"

// phaseSizes are the middles of the sizes of each phase. Allocators by size
// class are left with the most of every phase unless they give memory back.
var phaseSizes = []int{256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 128 << 10, 64 << 10, 16 << 10, 4 << 10, 1 << 10, 256}

// phaseLive is how many bytes are live in every phase, whatever their size.
const phaseLive = 16 << 20

// phases drifts from small sizes to large ones and back with about n operations, and idles between. A phase replaces as
// many bytes as any other. Which buffer makes place for a new one is chance.
func phases(seed uint64, n int) pattern {
	const slots = phaseLive / 128 // the first phase's smallest size is 128
	s := newSlotSet(source(seed), slots)
	full := 0 // buffers that replace each phase's once
	for _, size := range phaseSizes {
		full += phaseLive / size
	}
	turnovers := float64(n) / float64(2*full)
	return pattern{name: "phases", slots: slots, ops: func(yield func(op) bool) {
		counting := false
		for _, size := range phaseSizes {
			for range int(turnovers * float64(phaseLive/size)) {
				next := logUniform(s.r, size/2, min(2*size, largest))
				for s.live+int(next) > phaseLive {
					if !counting && !yield(op{Slot: countSlot}) || !yield(op{Slot: s.remove()}) {
						return
					}
					counting = true
				}
				if !yield(op{s.add(next), next}) {
					return
				}
			}
			if !counting && !yield(op{Slot: countSlot}) || !yield(op{Slot: idleSlot}) {
				return
			}
			counting = true
		}
	}}
}

// slotSet knows which slots are in use and picks one of them by chance.
type slotSet struct {
	r     *rand.Rand
	used  []int32
	free  []int32
	sizes []int32
	live  int
}

func newSlotSet(r *rand.Rand, n int) *slotSet {
	s := &slotSet{r: r, used: make([]int32, 0, n), free: make([]int32, n), sizes: make([]int32, n)}
	for i := range s.free {
		s.free[i] = int32(n - 1 - i)
	}
	return s
}

func (s *slotSet) add(size int32) int32 {
	slot := s.free[len(s.free)-1]
	s.free = s.free[:len(s.free)-1]
	s.used = append(s.used, slot)
	s.sizes[slot] = size
	s.live += int(size)
	return slot
}

func (s *slotSet) remove() int32 {
	i := s.r.IntN(len(s.used))
	slot := s.used[i]
	s.used[i] = s.used[len(s.used)-1]
	s.used = s.used[:len(s.used)-1]
	s.free = append(s.free, slot)
	s.live -= int(s.sizes[slot])
	return slot
}
