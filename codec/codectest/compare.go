package codectest

import (
	"hash/fnv"
	"io"
	"math/rand/v2"
	"testing"
)

// A Reference reads one message from the front of p, as simply as it can be written. It returns what the message says, in
// the form of Subject.Show, and how many bytes it has; or 0 bytes if p is too short, or an error that the cause of
// the channel's end must be, by errors.Is.
type Reference func(p string) (m string, n int, err error)

// Compare feeds any input, in several ways, and reports when the decoder does not do what the reference does. It is for
// fuzz targets: the cuts depend on nothing but the input.
func Compare[T any](t testing.TB, s Subject[T], ref Reference, input string) {
	t.Helper()
	var want []string
	var cause error
	for p := input; p != ""; {
		m, n, err := ref(p)
		if n == 0 && err == nil {
			err = io.ErrUnexpectedEOF
		}
		if cause = err; err != nil {
			break
		}
		want = append(want, m)
		p = p[n:]
	}
	h := fnv.New64()
	io.WriteString(h, input)
	dice := rand.New(rand.NewPCG(4, h.Sum64()))
	l := newLab(t)
	defer l.close()
	cuts := randomCuts(len(input), dice)
	for _, feed := range []struct {
		what string
		f    func(*trial[T])
	}{
		{"in one read", func(tr *trial[T]) { tr.feed(input) }},
		{"cut at random", func(tr *trial[T]) { tr.feedCut(input, cuts) }},
		{"in small pieces", func(tr *trial[T]) { tr.feedPieces(input, dice.IntN(5)+1) }},
		{"byte by byte", func(tr *trial[T]) {
			for i := range min(len(input), everyByte) {
				tr.feed(input[i : i+1])
			}
			tr.feed(input[min(len(input), everyByte):])
		}},
	} {
		tr := s.start(l, "%q %s %v", input, feed.what, cuts)
		feed.f(tr)
		tr.eof()
		tr.expect(want, cause)
		if !tr.end() {
			return
		}
	}
}
