package nethttp

import (
	"os"
	"sync"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// fileWeight is what a file counts against the window of an outlet: it holds a descriptor, not memory.
const fileWeight = 16 << 10

// piece is how many bytes go into one buffer on their way to the loop, at most.
const piece = 32 << 10

// An outlet carries bytes and files from goroutines to a loop that sends them.
//
//	goroutine ── write ──► parts ── take ──► loop
//	          ◄── wake ── room      ◄── Do ── there is something again
//
// It keeps a window of parts; who writes more waits. The loop is called once when it has found nothing and there is
// something again, so a goroutine that writes faster than the loop sends does not call it at all.
type outlet struct {
	remote channel.Remote
	pool   *buffer.Pool
	window int
	sender sender

	mu      sync.Mutex
	wake    sync.Cond
	parts   []channel.Part
	first   int // of the parts that are left
	weight  int
	waiting bool // the loop has found nothing
	closed  bool // nothing is written any more
	whole   bool // and what was written is all of it
	gone    error
	due     deadline
}

// A sender takes the parts of an outlet.
type sender interface {
	// goOn is called on the loop, as by channel.Remote.Do, when there is something again.
	goOn(*channel.Channel, error)
}

func (o *outlet) init(remote channel.Remote, pool *buffer.Pool, window int, to sender) {
	o.remote, o.pool, o.window, o.sender = remote, pool, max(window, 1), to
	o.wake.L = &o.mu
	o.waiting = true
}

// passOn passes copies of front and p on, in pieces, and waits while there is no room. It returns how much of p was
// passed on.
func passOn[T []byte | string](o *outlet, front []byte, p T) (int, error) {
	n := 0
	for len(front)+len(p) > 0 {
		m := min(len(p), max(piece-len(front), 0))
		b, err := o.pool.TryAlloc(len(front) + m)
		if err != nil {
			return n, err
		}
		room := b.Tail(len(front) + m)
		copy(room[copy(room, front):], p[:m])
		b.Commit(len(front) + m)
		if err := o.push(b); err != nil {
			return n, err
		}
		front, p, n = nil, p[m:], n+m
	}
	return n, nil
}

// push passes b on, which it consumes, and waits while there is no room.
func (o *outlet) push(b *buffer.Buf) error {
	if err := o.reserve(b.Len()); err != nil {
		b.Release()
		return err
	}
	o.parts = append(o.parts, b)
	o.tell()
	return nil
}

// pushFile is push for a file.
func (o *outlet) pushFile(f *channel.File) error {
	if err := o.reserve(fileWeight); err != nil {
		f.Release()
		return err
	}
	o.parts = append(o.parts, f)
	o.tell()
	return nil
}

// reserve waits until there is room for a part of a weight. It returns with the lock held, but for an error.
func (o *outlet) reserve(weight int) error {
	o.mu.Lock()
	for o.weight > 0 && o.weight+weight > o.window && o.refuses() == nil {
		o.wake.Wait()
	}
	if err := o.refuses(); err != nil {
		o.mu.Unlock()
		return err
	}
	if o.first > 0 && len(o.parts) == cap(o.parts) { // use the room of those that were taken
		n := copy(o.parts, o.parts[o.first:])
		clear(o.parts[n:])
		o.parts, o.first = o.parts[:n], 0
	}
	o.weight += weight
	return nil
}

func weightOf(part channel.Part) int {
	if _, ok := part.(*channel.File); ok {
		return fileWeight
	}
	return int(part.Size())
}

// refuses tells why nothing can be written.
func (o *outlet) refuses() error {
	switch {
	case o.gone != nil:
		return o.gone
	case o.closed:
		return errClosed
	case o.due.passed():
		return os.ErrDeadlineExceeded
	}
	return nil
}

// call has the loop look, if it waits.
func (o *outlet) call() {
	o.mu.Lock()
	o.tell()
}

// tell unlocks, and calls the loop if it waits.
func (o *outlet) tell() {
	call, to := o.waiting, o.sender
	o.waiting = false
	o.mu.Unlock()
	if call {
		o.remote.Do(to.goOn)
	}
}

// finish says that nothing more is written. whole says that this is all, and not just what there is. The deadline holds until
// the loop has taken everything.
func (o *outlet) finish(whole bool) {
	o.mu.Lock()
	if o.closed {
		o.mu.Unlock()
		return
	}
	o.closed, o.whole = true, whole
	o.wake.Broadcast()
	o.tell()
}

// take returns the next part, nil if there is none yet. ended says that none will come. It is called on the loop, which is
// called when there is something again.
func (o *outlet) take() (part channel.Part, ended bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.first == len(o.parts) {
		o.waiting = !o.closed
		o.wake.Broadcast()
		return nil, o.closed
	}
	part = o.parts[o.first]
	o.parts[o.first] = nil
	o.first++
	o.weight -= weightOf(part)
	o.wake.Broadcast()
	return part, false
}

// drop releases what is left and makes those who write fail with why. The first call counts.
func (o *outlet) drop(why error) {
	o.mu.Lock()
	if o.gone == nil {
		o.gone = why
	}
	left := o.parts[o.first:]
	o.parts, o.first, o.weight = nil, 0, 0
	o.waiting = false
	o.due.stop()
	o.wake.Broadcast()
	o.mu.Unlock()
	for _, part := range left {
		part.Release()
	}
}

// setDeadline makes writing fail from t on, and calls then if the loop has not taken everything by then; the zero time means
// never.
func (o *outlet) setDeadline(t time.Time, then func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.gone != nil {
		return
	}
	o.due.set(&o.mu, t, func() {
		o.wake.Broadcast()
		if o.closed && then != nil {
			then()
		}
	})
}

// isClosed tells whether nothing is written any more.
func (o *outlet) isClosed() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.closed
}

// redirect has another sender take what is left. It is called on the loop.
func (o *outlet) redirect(to sender) {
	o.mu.Lock()
	o.sender = to
	o.mu.Unlock()
}

// late tells whether the deadline has passed.
func (o *outlet) late() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.due.passed()
}

// drained waits until the loop has taken everything, and looked whether there is more: so a chunk has its end.
func (o *outlet) drained() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for !o.waiting && o.refuses() == nil {
		o.wake.Wait()
	}
	return o.refuses()
}

// state tells why nothing can be written, nil if it can.
func (o *outlet) state() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.refuses()
}
