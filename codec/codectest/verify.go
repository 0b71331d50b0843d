package codectest

import (
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// A Case is an input and what must be read from it.
type Case struct {
	Name  string // for failures; empty means the number of the case
	Input string // bytes, one or more whole messages
	Want  []string
	// MaxCalls bounds the calls of Decode when Input comes byte by byte. Zero means no bound.
	MaxCalls int
}

// Verify feeds each input to the decoder in many ways, see the package comment, and reports when what comes out is
// not what the case wants. After a failure it goes on with the next case.
func Verify[T any](t testing.TB, s Subject[T], cases ...Case) {
	t.Helper()
	verify(t, s, cases...)
}

func verify[T any](t testing.TB, s Subject[T], cases ...Case) bool {
	t.Helper()
	l := newLab(t)
	defer l.close()
	ok := true
	for i, c := range cases {
		v := &verifier[T]{t: l, s: s, Case: c}
		v.Name = caseName(c.Name, i)
		ok = v.run() && ok
	}
	return ok
}

type verifier[T any] struct {
	t *lab
	s Subject[T]
	Case
	ends []int // where in the input each message ends
	tail bool  // the last message ends with the stream
}

func (v *verifier[T]) run() bool {
	v.t.Helper()
	return v.whole() && v.drip() && v.batch() && v.cuts() && v.pieces() && v.paused() && v.cutOff() && v.allocs()
}

// whole finds out where the messages end.
func (v *verifier[T]) whole() bool {
	tr := v.s.start(v.t, "%s: in one read", v.Name)
	tr.feed(v.Input)
	tr.eof()
	tr.expect(v.Want, nil)
	end := 0
	for i, n := range tr.spy.sizes {
		end += n
		v.ends = append(v.ends, end)
		v.tail = i < len(tr.sink.got) && tr.sink.got[i].at < 0
	}
	return tr.end()
}

// drip feeds single bytes. Each message must come when its last byte has come.
func (v *verifier[T]) drip() bool {
	tr := v.s.start(v.t, "%s: byte by byte", v.Name)
	for i := range len(v.Input) {
		tr.feed(v.Input[i : i+1])
	}
	calls := tr.spy.calls
	tr.eof()
	tr.expect(v.Want, nil)
	for i, m := range tr.sink.got {
		if last := v.tail && i == len(v.ends)-1; !tr.failed && !last && m.at != v.ends[i] {
			when := "at the end of the stream"
			if m.at >= 0 {
				when = "with byte " + itoa(m.at)
			}
			tr.Errorf("message %d was complete with byte %d and came %s", i+1, v.ends[i], when)
		}
	}
	if v.MaxCalls > 0 && calls > v.MaxCalls {
		tr.Errorf("Decode was called %d times, more than %d", calls, v.MaxCalls)
	}
	return tr.end()
}

// batch feeds the input several times over in one read.
func (v *verifier[T]) batch() bool {
	if v.tail {
		return true // it cannot be followed by anything
	}
	for _, n := range []int{3, 32} {
		tr := v.s.start(v.t, "%s: %d times in one read", v.Name, n)
		tr.feed(strings.Repeat(v.Input, n))
		tr.eof()
		tr.expect(slices.Repeat(v.Want, n), nil)
		if !tr.end() {
			return false
		}
	}
	return true
}

// cuts feeds the input in two parts, and in several.
func (v *verifier[T]) cuts() bool {
	dice := rand.New(rand.NewPCG(1, uint64(len(v.Input))))
	for _, at := range places(len(v.Input), v.ends, dice) {
		if !v.feedCut(at) {
			return false
		}
	}
	const rounds = 16
	for range rounds {
		if !v.feedCut(randomCuts(len(v.Input), dice)...) {
			return false
		}
	}
	return true
}

func (v *verifier[T]) feedCut(at ...int) bool {
	tr := v.s.start(v.t, "%s: cut at %v", v.Name, at)
	tr.feedCut(v.Input, at)
	tr.eof()
	tr.expect(v.Want, nil)
	return tr.end()
}

// pieces feeds the input as composite buffers.
func (v *verifier[T]) pieces() bool {
	for _, n := range []int{1, 2, 3, 7} {
		tr := v.s.start(v.t, "%s: as one buffer of pieces of %d bytes", v.Name, n)
		tr.feedPieces(v.Input, n)
		tr.eof()
		tr.expect(v.Want, nil)
		if !tr.end() {
			return false
		}
	}
	return true
}

// paused stops reading after every message. The stream stays open until all have come.
func (v *verifier[T]) paused() bool {
	if v.tail {
		return true
	}
	tr := v.s.start(v.t, "%s: with a pause after every message", v.Name)
	tr.sink.pause = true
	tr.feed(v.Input)
	if n := len(tr.sink.got); n > 1 {
		tr.Errorf("%d messages came although reading was paused after the first", n)
	}
	tr.resume()
	tr.sink.pause = false
	tr.eof()
	tr.expect(v.Want, nil)
	return tr.end()
}

// cutOff ends the stream at every byte.
func (v *verifier[T]) cutOff() bool {
	dice := rand.New(rand.NewPCG(2, uint64(len(v.Input))))
	for _, at := range places(len(v.Input), v.ends, dice) {
		done, inside := slices.BinarySearch(v.ends, at)
		if inside {
			done++
		}
		if v.tail && done == len(v.ends)-1 {
			continue // a message that any end completes
		}
		tr := v.s.start(v.t, "%s: stream ended after %d bytes", v.Name, at)
		tr.feed(v.Input[:at])
		tr.eof()
		if inside || at == 0 {
			tr.expect(v.Want[:done], nil)
		} else {
			tr.expect(v.Want[:done], io.ErrUnexpectedEOF)
		}
		if !tr.end() {
			return false
		}
	}
	return true
}
