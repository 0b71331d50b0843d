package bufvet

import (
	"fmt"
	"strings"
)

// A mode says what a function does with a handle that it is given.
type mode uint8

const (
	unknown mode = iota // cannot be known: nothing is said about the handle from then on
	borrow              // the caller still owns it
	consume             // the function owns it
	release             // Release itself
	keep                // stored: the caller need not release it, but may go on using it
	same                // borrowed, and returned as a result
)

func (m mode) String() string {
	return [...]string{"unknown", "borrow", "consume", "release", "keep", "same"}[m]
}

// An origin says what a result is.
type origin uint8

const (
	lent     origin = iota // not owned by the caller, or not known
	fresh                  // owned by the caller
	sameAs                 // a parameter, which is the result's number
	loanFrom               // a []byte that was borrowed from a parameter
	taken                  // by Reader.Take and its like: the driver of a decoder takes it back after a failure
)

// A result is what a function returns in one place.
type result struct {
	Origin origin
	Param  int // of sameAs and loanFrom
}

// modes is the fact about a function or a method of an interface: what it does with its parameters, the receiver being
// number 0 if there is one, and what its results are.
type modes struct {
	Params  []mode
	Results []result
	// Borrowed are the parameters that a directive names; methods that implement the method inherit them.
	Borrowed []bool
	// Lends says that a directive does: those who implement the method lend their result, too.
	Lends bool
}

// AFact marks the type for go/analysis.
func (*modes) AFact() {}

func (m *modes) String() string {
	var s []string
	for _, p := range m.Params {
		s = append(s, p.String())
	}
	return fmt.Sprintf("modes(%s)", strings.Join(s, ", "))
}

func (m *modes) param(i int) mode {
	if i < len(m.Params) {
		return m.Params[i]
	}
	return unknown
}

func (m *modes) result(i int) result {
	if i < len(m.Results) {
		return m.Results[i]
	}
	return result{}
}

// noReturn is the fact about a function that never returns.
type noReturn struct{}

// AFact marks the type for go/analysis.
func (*noReturn) AFact() {}

func (*noReturn) String() string { return "noReturn" }
