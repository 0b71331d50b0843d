package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
)

// An operation is something of which the instructions are counted.
type operation struct {
	name   string
	rounds int // that are counted, and as many again
	per    int // operations in a round
	// start returns a function that does n rounds, on a loop of its own.
	start func(b *bed) func(n int)
}

// operations are all of them. A name is PACKAGE/WHAT/CASE.
var operations = func() (all []operation) {
	for _, some := range [][]operation{bufferOps, channelOps, pipelineOps, codecOps, protocolOps} {
		all = append(all, some...)
	}
	return all
}()

// warm is how many operations are made before they are counted. It is that many because the runtime remembers what became of a type
// assertion to an interface only about once in a thousand times.
const warm = 10_000

// dumpName names the dump of times as many rounds as are counted.
func (o *operation) dumpName(times int) string { return fmt.Sprintf("%s x %d", o.name, times*o.rounds) }

// count runs an operation. It is to be run under valgrind, in a process of its own: what others have left in the caches of the
// runtime would make a difference.
func count(name string) {
	runtime.LockOSThread() // counting is switched on for a thread
	i := slices.IndexFunc(operations, func(o operation) bool { return o.name == name })
	if i < 0 || !underValgrind() {
		fmt.Fprintln(os.Stderr, "instructions: -count is for valgrind, and the name of an operation")
		os.Exit(2)
	}
	operations[i].count()
}

func (o *operation) count() {
	b := newBed()
	defer b.close(o.name)
	run := o.start(b)
	run(4*o.rounds + warm/o.per)
	for range 3 {
		for times := 1; times <= 2; times++ {
			toggle()
			run(times * o.rounds)
			toggle()
			dump(o.dumpName(times))
		}
	}
}
