package channel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestWaitlist compares a list with a slice, while channels in it close.
func TestWaitlist(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var w waitlist
	var want []*Channel
	for range 20_000 {
		switch r.IntN(5) {
		case 0, 1:
			ch := new(Channel)
			w.push(ch)
			want = append(want, ch)
		case 2, 3:
			if len(want) > 0 {
				i := r.IntN(len(want))
				want[i].state = gone
				want = slices.Delete(want, i, i+1)
				w.closed()
			}
		case 4:
			got := w.pop()
			if len(want) == 0 {
				if got != nil || !w.empty() {
					t.Fatalf("%p, empty %v, when there is nothing", got, w.empty())
				}
				continue
			}
			if got != want[0] {
				t.Fatalf("%p, not %p", got, want[0])
			}
			want = want[1:]
		}
		if w.len() > 2*len(want)+2*64 {
			t.Fatalf("%d entries for %d channels", w.len(), len(want))
		}
	}
}
