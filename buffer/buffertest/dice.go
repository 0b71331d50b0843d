package buffertest

// dice decide what a random test does next: a *rand.Rand, or a tape.
type dice interface {
	IntN(n int) int
}

// A tape decides by the bytes of a fuzzer's input, so that a small change of the input is a small change of the test. At its
// end it says 0 for ever.
type tape []byte

func (t *tape) IntN(n int) int {
	v := 0
	for m := n - 1; m > 0 && len(*t) > 0; m >>= 8 {
		v = v<<8 | int((*t)[0])
		*t = (*t)[1:]
	}
	return v % n
}

// between returns a number from lo to hi, both included.
func between(d dice, lo, hi int) int { return lo + d.IntN(hi-lo+1) }

// size returns a length: mostly short, now and then longer than a small block, rarely longer than a receive block.
func size(d dice) int {
	switch k := d.IntN(64); {
	case k < 48:
		return d.IntN(40)
	case k < 60:
		return d.IntN(600)
	case k < 63:
		return d.IntN(6000)
	default:
		return d.IntN(80000)
	}
}

// fill writes bytes into p that are not likely to be found anywhere else.
func fill(p []byte, seed *uint64) {
	for i := range p {
		*seed = *seed*6364136223846793005 + 1442695040888963407
		p[i] = byte(*seed >> 56)
	}
}
