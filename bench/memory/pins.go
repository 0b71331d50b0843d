package main

const (
	pinWindow = 2000 // buffers that come and go
	pinRing   = 500  // buffers that live long
	pinEvery  = 100  // every so many goes to the ring
	pinChurn  = 20   // replacements of the whole window in one wave
)

// pins runs waves of buffers of any size, n operations or a little more. Every hundredth buffer outlives its wave.
// Between waves only those are live, and the program idles.
func pins(seed uint64, n int) pattern {
	r := source(seed)
	return pattern{name: "pins", slots: pinWindow + pinRing, ops: func(yield func(op) bool) {
		made, pinned := 0, 0
		alloc := func(slot int32) bool {
			if made++; made%pinEvery == 0 {
				slot = int32(pinWindow + pinned%pinRing)
				pinned++
			}
			return yield(op{slot, logUniform(r, smallest, largest)})
		}
		for made < n {
			for i := range int32(pinWindow) {
				if !alloc(i) {
					return
				}
			}
			if made == pinWindow && !yield(op{Slot: countSlot}) {
				return
			}
			for range pinChurn * pinWindow {
				if !alloc(r.Int32N(pinWindow)) {
					return
				}
			}
			for i := range int32(pinWindow) {
				if !yield(op{Slot: i}) {
					return
				}
			}
			if !yield(op{Slot: idleSlot}) {
				return
			}
		}
	}}
}
