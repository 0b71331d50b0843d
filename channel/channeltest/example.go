package channeltest

import (
	"fmt"
	"testing"
)

// Example runs f inside an Example function, which has no testing.T: failures are printed, so that they are not the
// output that was expected, and cleanups run when f returns.
func Example(f func(t testing.TB)) {
	t := new(exampleT)
	defer func() {
		for len(t.cleanups) > 0 {
			last := len(t.cleanups) - 1
			c := t.cleanups[last]
			t.cleanups = t.cleanups[:last]
			c()
		}
	}()
	f(t)
}

// exampleT has what this package and those built on it use of a testing.TB.
type exampleT struct {
	testing.TB
	failed   bool
	cleanups []func()
}

func (t *exampleT) Name() string     { return "Example" }
func (t *exampleT) Helper()          {}
func (t *exampleT) Failed() bool     { return t.failed }
func (t *exampleT) Cleanup(f func()) { t.cleanups = append(t.cleanups, f) }

func (t *exampleT) Error(args ...any) {
	t.failed = true
	fmt.Println(args...)
}

func (t *exampleT) Errorf(format string, args ...any) { t.Error(fmt.Sprintf(format, args...)) }

func (t *exampleT) Fatal(args ...any) {
	t.Error(args...)
	panic("the example has failed")
}

func (t *exampleT) Fatalf(format string, args ...any) { t.Fatal(fmt.Sprintf(format, args...)) }

func (t *exampleT) Log(args ...any)                 { fmt.Println(args...) }
func (t *exampleT) Logf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
