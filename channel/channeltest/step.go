package channeltest

import (
	"fmt"
	"math"
)

// A Step is the answer of a Script to one write.
type Step struct {
	kind   kind
	n      int
	err    error
	always bool
}

type kind uint8

const (
	take kind = iota
	again
	fail
	failCloseWrite
)

// Take lets one write take up to n bytes, of what precedes the next file and of that file. If less was taken than there
// is, the next step answers the next write at once, as a kernel does.
func Take(n int) Step {
	if n <= 0 {
		panic(fmt.Sprintf("channeltest: Take(%d)", n))
	}
	return Step{kind: take, n: n}
}

// Again answers a write as EAGAIN does: nothing is taken until Conn.Unstall.
func Again() Step { return Step{kind: again} }

// Fail makes a write fail.
func Fail(err error) Step { return Step{kind: fail, err: err} }

// FailCloseWrite makes CloseWrite fail. Writes before it take everything.
func FailCloseWrite(err error) Step { return Step{kind: failCloseWrite, err: err} }

// Always repeats a step for ever. What follows it in a script is not reached.
func Always(s Step) Step { s.always = true; return s }

func (s Step) String() string {
	switch s.kind {
	case again:
		return "Again"
	case fail:
		return fmt.Sprintf("Fail(%v)", s.err)
	case failCloseWrite:
		return fmt.Sprintf("FailCloseWrite(%v)", s.err)
	}
	if s.n == math.MaxInt {
		return "take all"
	}
	return fmt.Sprintf("Take(%d)", s.n)
}
