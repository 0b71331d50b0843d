package buffer

import (
	"fmt"
	"os"
	"runtime/debug"
)

// notOwned is called when a handle is used by code that does not own it. It does not return.
func (b *Buf) notOwned() {
	what := "buffer: use of a released Buf"
	if b.flags&queued != 0 {
		what = "buffer: use of a Buf that was passed on"
	}
	if b.flags&watch == 0 {
		panic(what)
	}
	p := b.home.pool
	p.watching.mu.Lock()
	text := what + "\n" + b.record().history().String()
	p.watching.mu.Unlock()
	if p.Checked {
		stop(text)
	}
	panic(text)
}

// stop ends the program with a report about misuse that was found in checked mode. A panic could be recovered, and the
// event loops do so.
func stop(report string) {
	fmt.Fprintf(os.Stderr, "%s\nused by\n%s", report, indent(string(debug.Stack())))
	os.Exit(2)
}
