package buffertest

import (
	"bytes"

	"github.com/ropewalk/ropewalk/buffer"
)

// testReceive checks that the block which a loop reads into starts over when nobody looks at it, and only then.
func testReceive(w *world) {
	room := func() []byte {
		p, err := w.cache.ReceiveRoom()
		if err != nil {
			w.fail("ReceiveRoom: %v", err)
		}
		if len(p) < 16<<10 || len(p) > 64<<10 {
			w.fail("ReceiveRoom is %d bytes", len(p))
		}
		return p
	}
	first := &room()[0]
	for range 500 {
		p := room()
		if &p[0] != first {
			w.fail("the block did not start over")
		}
		b := w.cache.Received(100)
		w.away(b.Release)
	}
	var kept []*buffer.Buf
	for i := range 2000 { // 8 bytes of each stay, on another goroutine's account
		p := room()
		fill(p[:200], &w.seed)
		b := w.cache.Received(200)
		want := bytes.Clone(p[:8])
		w.away(func() {
			b.Truncate(8)
			if i%7 == 0 {
				b.Own()
			}
		})
		if w.dice.IntN(4) > 0 {
			b.Release()
			continue
		}
		kept = append(kept, b)
		w.add(b, want)
		if w.dice.IntN(3) == 0 {
			w.trim()
			w.verify()
		}
	}
	if len(kept) == 0 {
		w.fail("nothing was kept")
	}
}
