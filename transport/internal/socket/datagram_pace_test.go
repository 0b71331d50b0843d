//go:build linux

package socket

import "testing"

// Slots follow the sizes of what comes.
func TestPace(t *testing.T) {
	var p pace
	see := func(times, messages int, sizes ...int) {
		for range times {
			_, count := p.slots(64 << 10)
			got := make([]mmsghdr, min(messages, count))
			for i := range got {
				got[i].n = uint32(sizes[i%len(sizes)])
			}
			p.saw(got)
		}
	}
	want := func(what string, slot, count int) {
		t.Helper()
		if s, c := p.slots(64 << 10); s != slot || c != count {
			t.Errorf("%s: %d slots of %d bytes, want %d of %d", what, c, s, count, slot)
		}
	}
	want("at first", 2048, 32)
	see(200, 64, 64)
	want("many small ones", 128, 64)
	see(1, 1, 1472)
	want("a larger one", 1472, 44)
	see(200, 64, 1472)
	want("full frames", 1472, 44)
	see(200, 64, 64, 64, 9000)
	want("few that are large", 128, 64)
	see(200, 64, 9000)
	want("all are large", 9008, 7)
	see(200, 64, 65_000)
	want("as large as can be", 65_008, 1)
	see(200, 1, 10)
	want("few small ones", 128, 64)
	if s, c := p.slots(100); s != 100 || c != 1 {
		t.Errorf("little room: %d slots of %d bytes", c, s)
	}
}
