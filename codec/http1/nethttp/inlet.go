package nethttp

import (
	"io"
	"os"
	"sync"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec"
)

// An inlet carries bytes from a loop to goroutines that read them.
//
//	loop ── push ──► data ── Read ──► goroutine
//	     ◄─────── SetReading(true) ──     when data was taken
//
// When data holds half of the window the channel stops reading, and goes on when a reader has taken all of it. So an
// inlet keeps a window, and one more read of the loop at most.
type inlet struct {
	remote channel.Remote
	half   int
	reader sync.Mutex  // of those who read: held while bytes are copied
	front  *buffer.Buf // what they have taken; nil if there is nothing left of it

	mu     sync.Mutex
	wake   sync.Cond
	want   func()      // to be called once before something comes; nil if it was
	data   *buffer.Buf // nil if there is none
	taken  int64       // bytes that were pushed
	read   int64       // bytes that were read
	end    error       // what Read returns when everything was read: io.EOF, or why no more comes
	closed error       // what Read returns at once
	paused bool        // the channel does not read; changes on the loop only
	asked  bool        // the loop was asked to look whether it may read
	due    deadline
}

func newInlet(remote channel.Remote, window int) *inlet {
	in := &inlet{remote: remote, half: max(window/2, 1)}
	in.wake.L = &in.mu
	return in
}

// push adds b, which it consumes and which may be nil. It is called on the loop.
func (in *inlet) push(ch *channel.Channel, b *buffer.Buf) {
	if b == nil {
		return
	}
	in.mu.Lock()
	in.taken += int64(b.Len())
	if in.closed != nil {
		in.mu.Unlock()
		b.Release()
		return
	}
	if in.data == nil {
		codec.KeepRest(ch.Cache(), b)
		in.data = b
	} else {
		codec.AddRest(in.data, b)
	}
	pause := !in.paused && in.data.Len() >= in.half
	in.paused = in.paused || pause
	in.wake.Broadcast()
	in.mu.Unlock()
	if pause {
		ch.SetReading(false)
	}
}

// finish says that no more comes, and why: io.EOF if that is all. The first call counts.
func (in *inlet) finish(why error) {
	in.mu.Lock()
	if in.end == nil {
		in.end = why
		in.wake.Broadcast()
	}
	in.mu.Unlock()
}

// resume goes on reading, because no more comes. It is called on the loop.
func (in *inlet) resume(ch *channel.Channel) {
	in.mu.Lock()
	paused := in.paused
	in.paused = false
	in.mu.Unlock()
	if paused {
		ch.SetReading(true)
	}
}

// looked goes on reading if there is room. It is called on the loop.
func (in *inlet) looked(ch *channel.Channel, err error) {
	if ch == nil {
		refused(in.remote, err)
		return
	}
	in.mu.Lock()
	in.asked = false
	resume := in.paused && (in.data == nil || in.data.Len() < in.half)
	if resume {
		in.paused = false
	}
	in.mu.Unlock()
	if resume {
		ch.SetReading(true)
	}
}

// take waits until there is something in front, or returns why there will be nothing.
func (in *inlet) take() error {
	in.mu.Lock()
	for {
		switch {
		case in.closed != nil:
			err := in.closed
			in.mu.Unlock()
			return err
		case in.due.passed():
			in.mu.Unlock()
			return os.ErrDeadlineExceeded
		case in.front != nil:
			in.mu.Unlock()
			return nil
		case in.data != nil:
			in.front, in.data = in.data, nil
			ask := in.paused && !in.asked
			in.asked = in.asked || ask
			in.mu.Unlock()
			if ask {
				in.remote.Do(in.looked)
			}
			return nil
		case in.end != nil:
			err := in.end
			in.mu.Unlock()
			return err
		case in.want != nil:
			in.mu.Unlock()
			in.ask()
			in.mu.Lock()
		default:
			in.wake.Wait()
		}
	}
}

// Read implements io.Reader. The end is told with the last bytes, if it is known by then.
func (in *inlet) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	in.reader.Lock()
	defer in.reader.Unlock()
	if err := in.take(); err != nil {
		return 0, err
	}
	n, _ := in.front.Read(p)
	left := in.front.Len()
	if left == 0 {
		in.front.Release()
		in.front = nil
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.read += int64(n)
	if left == 0 && in.data == nil && in.end == io.EOF {
		return n, io.EOF
	}
	return n, nil
}

// reclaim returns what was not read, nil if that is nothing. It is called on the loop, and nobody reads meanwhile.
func (in *inlet) reclaim() *buffer.Buf {
	if !in.reader.TryLock() {
		return nil
	}
	defer in.reader.Unlock()
	in.mu.Lock()
	defer in.mu.Unlock()
	b := in.front
	switch {
	case b == nil:
		b = in.data
	case in.data != nil:
		b.Append(in.data)
	}
	in.front, in.data, in.paused = nil, nil, false
	return b
}

// close gives up what was not read: Read returns why from now on, and what still comes is dropped. The first call counts.
func (in *inlet) close(why error) {
	in.mu.Lock()
	first := in.closed == nil
	if first {
		in.closed = why
	}
	data := in.data
	in.data = nil
	ask := in.paused && !in.asked
	in.asked = in.asked || ask
	in.due.stop()
	in.wake.Broadcast()
	in.mu.Unlock()
	if data != nil {
		data.Release()
	}
	if first {
		in.reader.Lock() // a reader is done soon: it finds that the inlet is closed
		if in.front != nil {
			in.front.Release()
			in.front = nil
		}
		in.reader.Unlock()
	}
	if ask {
		in.remote.Do(in.looked)
	}
}

// ask has something come, unless that was done.
func (in *inlet) ask() {
	in.mu.Lock()
	want := in.want
	in.want = nil
	in.mu.Unlock()
	if want != nil {
		want()
	}
}

// wasAsked tells whether ask was called, or need not be.
func (in *inlet) wasAsked() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.want == nil
}

// setDeadline makes Read fail from t on; the zero time means never.
func (in *inlet) setDeadline(t time.Time) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.closed == nil {
		in.due.set(&in.mu, t, in.wake.Broadcast)
	}
}

// isClosed tells whether close was called.
func (in *inlet) isClosed() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.closed != nil
}

// late tells whether the deadline has passed.
func (in *inlet) late() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.due.passed()
}

// unread tells how many bytes of length ones were not read; if length is negative, of those that have come. ended tells
// whether all have come.
func (in *inlet) unread(length int64) (n int64, ended bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if length < 0 {
		length = in.taken
	}
	return length - in.read, in.end == io.EOF
}

// refused gets rid of a channel whose loop could not take a call that it needs.
func refused(r channel.Remote, err error) {
	if err == channel.ErrRemoteFull {
		r.Close(channel.NewOpError("call the loop", err))
	}
}
