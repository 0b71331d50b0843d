package channel

import (
	"os"
	"sync/atomic"
)

// An openFile is a descriptor, and how many Files have it. How it is read and closed depends on the system.
type openFile struct {
	fd    int
	name  string
	f     *os.File // what owns the descriptor; nil if the openFile does
	users atomic.Int64
	seen  seen
}

// release takes one File away.
func (o *openFile) release() {
	switch n := o.users.Add(-1); {
	case n == 0:
		o.close()
	case n < 0:
		panic("channel: " + o.name + " was released more often than it was shared")
	}
}
