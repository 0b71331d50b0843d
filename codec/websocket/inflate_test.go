package websocket_test

import (
	"math/bits"
	"testing"
)

// farthest returns how far a compressed message looks back, at most. It is an inflater that forgets the bytes: RFC 1951, as
// simply as possible. history is how many bytes there were before.
func farthest(t testing.TB, p string, history int) (far int) {
	t.Helper()
	in := bitReader{p: p + "\x00\x00\xff\xff"}
	size := history
	for len(in.p)*8 > in.at {
		last := in.bits(1)
		switch in.bits(2) {
		case 0:
			in.at = (in.at + 7) &^ 7
			n := in.bits(16)
			in.bits(16)
			in.at += 8 * n
			size += n
		case 1:
			var lengths [288]int
			for i := range lengths {
				lengths[i] = []int{8, 9, 7, 8}[btoi(i >= 144)+btoi(i >= 256)+btoi(i >= 280)]
			}
			var distances [30]int
			for i := range distances {
				distances[i] = 5
			}
			far, size = in.block(t, lengths[:], distances[:], far, size)
		case 2:
			literals, dists, codes := in.bits(5)+257, in.bits(5)+1, in.bits(4)+4
			var lengths [19]int
			for _, i := range []int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}[:codes] {
				lengths[i] = in.bits(3)
			}
			var all []int
			for code := codesOf(lengths[:]); len(all) < literals+dists; {
				switch c := in.symbol(t, code); c {
				case 16:
					for range 3 + in.bits(2) {
						all = append(all, all[len(all)-1])
					}
				case 17:
					all = append(all, make([]int, 3+in.bits(3))...)
				case 18:
					all = append(all, make([]int, 11+in.bits(7))...)
				default:
					all = append(all, c)
				}
			}
			far, size = in.block(t, all[:literals], all[literals:], far, size)
		default:
			t.Fatal("reserved type of a block")
		}
		if last == 1 {
			break
		}
	}
	return far
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// block goes through a block with these codes.
func (in *bitReader) block(t testing.TB, lengths, distances []int, far, size int) (int, int) {
	lits, dists := codesOf(lengths), codesOf(distances)
	for {
		c := in.symbol(t, lits)
		switch {
		case c < 256:
			size++
			continue
		case c == 256:
			return far, size
		}
		n := 0
		switch c -= 257; {
		case c < 8:
			n = 3 + c
		case c == 28:
			n = 258
		default:
			extra := c/4 - 1
			n = 3 + (4+c%4)<<extra + in.bits(extra)
		}
		d := in.symbol(t, dists)
		if d >= 4 {
			extra := d/2 - 1
			d = (2+d%2)<<extra + in.bits(extra)
		}
		d++
		if d > size {
			t.Fatalf("looks back %d bytes of %d", d, size)
		}
		far = max(far, d)
		size += n
	}
}

// A code is a canonical Huffman code: symbols by length and bits.
type code map[[2]int]int

func codesOf(lengths []int) code {
	c := code{}
	next := 0
	for n := 1; n <= 15; n++ {
		for symbol, length := range lengths {
			if length == n {
				c[[2]int{n, next}] = symbol
				next++
			}
		}
		next <<= 1
	}
	return c
}

type bitReader struct {
	p  string
	at int // bits
}

func (in *bitReader) bits(n int) (v int) {
	for i := range n {
		v |= int(in.p[in.at/8]>>(in.at%8)&1) << i
		in.at++
	}
	return v
}

func (in *bitReader) symbol(t testing.TB, c code) int {
	for n, v := 1, 0; n <= 15; n++ {
		v = v<<1 | in.bits(1)
		if s, ok := c[[2]int{n, v}]; ok {
			return s
		}
	}
	t.Fatalf("no such symbol (%d bits read)", bits.Len(uint(in.at)))
	return 0
}
