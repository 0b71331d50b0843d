package codectest

import (
	"math/rand/v2"
	"testing"
)

// A Reject is an input that must be refused.
type Reject struct {
	Name  string   // for failures; empty means the number of the case
	Input string   // bytes
	Want  []string // the messages in front of what is wrong
	Err   error    // what the cause of the channel's end must be, by errors.Is
	// After is the number of bytes of Input after which the refusal must have come. Zero means all of them. Input that
	// goes on behind it shows that nothing is waited for, and read, for the rest of a message that cannot be valid.
	After int
}

// VerifyRejects feeds each input in many ways to the decoder and reports when it is not refused as it must be.
func VerifyRejects[T any](t testing.TB, s Subject[T], rejects ...Reject) {
	t.Helper()
	l := newLab(t)
	defer l.close()
	for i, c := range rejects {
		c.Name = caseName(c.Name, i)
		if c.After == 0 {
			c.After = len(c.Input)
		}
		rejectAll(l, s, c)
	}
}

func rejectAll[T any](t *lab, s Subject[T], c Reject) {
	t.Helper()
	feed := func(what string, f func(*trial[T])) bool {
		tr := s.start(t, "%s: %s", c.Name, what)
		f(tr)
		tr.expect(c.Want, c.Err)
		return tr.end()
	}
	ok := feed("in one read", func(tr *trial[T]) { tr.feed(c.Input) }) &&
		feed("byte by byte", func(tr *trial[T]) {
			for i := range len(c.Input) {
				tr.feed(c.Input[i : i+1])
				if i+1 == c.After && !tr.pipe.Closed() {
					tr.Errorf("not refused after %d bytes", c.After)
				}
			}
		}) &&
		feed("as one buffer of single bytes", func(tr *trial[T]) { tr.feedPieces(c.Input, 1) }) &&
		feed("without what follows", func(tr *trial[T]) { tr.feed(c.Input[:c.After]) })
	dice := rand.New(rand.NewPCG(3, uint64(len(c.Input))))
	for _, at := range places(len(c.Input), nil, dice) {
		if !ok {
			return
		}
		ok = feed("cut at "+itoa(at), func(tr *trial[T]) { tr.feedCut(c.Input, []int{at}) })
	}
}
