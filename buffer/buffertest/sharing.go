package buffertest

import (
	"sync"

	"github.com/ropewalk/ropewalk/buffer"
)

// testShares uses up the shares of a block: long chains of clones, and more takes from one view than it has shares for.
func testShares(w *world) {
	p := w.random(300)
	chain := []*buffer.Buf{w.alloc.Alloc(300)}
	chain[0].Write(p)
	for i := range 500 {
		chain = append(chain, chain[i].Clone())
	}
	for len(chain) > 0 {
		i := w.dice.IntN(len(chain))
		b := chain[i]
		chain[i] = chain[len(chain)-1]
		chain = chain[:len(chain)-1]
		if !b.EqualBytes(p) {
			w.fail("a clone of clones differs")
		}
		w.away(b.Release)
	}

	src := w.alloc.Alloc(40000)
	src.Write(w.random(40000))
	want := src.Text(0, 40000)
	r := w.cache.Reader(src)
	var taken []*buffer.Buf
	for range 40000 {
		taken = append(taken, r.Take(1))
		r.Commit()
	}
	n := r.Consumed()
	r.Close()
	src.Discard(n)
	src.Release()
	for i, b := range taken {
		if b.At(0) != want[i] {
			w.fail("byte %d differs", i)
		}
		if i%64 == 0 {
			w.away(b.Release)
		} else {
			b.Release()
		}
	}
}

// A parcel is a buffer on its way to another goroutine, with what it must hold.
type parcel struct {
	b    *buffer.Buf
	want []byte
}

// testGoroutines passes clones and pieces between goroutines, each of which writes behind and in front of what it gets.
func testGoroutines(w *world) {
	const workers, rounds = 4, 60
	var lines [workers]chan parcel
	for i := range lines {
		lines[i] = make(chan parcel, workers*rounds*2)
	}
	bad := make(chan string, 1)
	report := func(s string) {
		select {
		case bad <- s:
		default:
		}
	}
	var wg sync.WaitGroup
	for i := range workers {
		wg.Go(func() {
			for range rounds {
				p := <-lines[i]
				if !p.b.EqualBytes(p.want) {
					report("a buffer changed on its way")
				}
				n := len(p.want) / 2
				head := p.b.Split(n)
				copy(head.Prepend(2), "<<")
				copy(p.b.Tail(2), ">>")
				p.b.Commit(2)
				if string(head.Text(0, 2)) != "<<" || !p.b.HasSuffix([]byte(">>")) {
					report("what was written is not there")
				}
				head.Discard(2)
				head.Append(p.b)
				head.Truncate(len(p.want))
				lines[(i+1)%workers] <- parcel{head, p.want}
			}
		})
	}
	for i := range 2 * workers {
		want := w.random(between(w.dice, 10, 2000))
		b := w.alloc.Alloc(len(want))
		b.Write(want)
		for k := range 4 {
			lines[(i+k)%workers] <- parcel{b.Clone(), want}
		}
		b.Release()
	}
	wg.Wait()
	for _, line := range lines {
		for len(line) > 0 {
			p := <-line
			if !p.b.EqualBytes(p.want) {
				report("a buffer changed on its way")
			}
			p.b.Release()
		}
	}
	select {
	case s := <-bad:
		w.fail("%s", s)
	default:
	}
}
