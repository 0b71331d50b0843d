package group

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"testing/synctest"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

func TestAwait(t *testing.T) {
	l := channeltest.NewLoop(t)
	want := OpenedAs(&l.Open(channeltest.Echo(), channel.Options{}).Channel)
	opened := make(chan Opened, 1)
	opened <- want
	if r, err := Await(t.Context(), opened); err != nil || r != want.Remote || r == (channel.Remote{}) {
		t.Errorf("got %v and error %v, want %v", r, err, want.Remote)
	}
	opened <- Opened{Err: errOdd}
	if r, err := Await(t.Context(), opened); err != errOdd || r != (channel.Remote{}) {
		t.Errorf("got %v and error %v, want that of opening", r, err)
	}
}

// A channel that is opened when nobody waits for it any more is closed.
func TestAwaitInVain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := channeltest.NewLoop(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		opened := make(chan Opened, 1)
		cancel(errOdd)
		if r, err := Await(ctx, opened); err != errOdd || r != (channel.Remote{}) {
			t.Errorf("got %v and error %v, want the cause of the context", r, err)
		}
		c := l.Open(channeltest.Echo(), channel.Options{})
		opened <- OpenedAs(&c.Channel)
		synctest.Wait()
		l.Settle()
		if !c.Closing() {
			t.Error("nobody closes it")
		}
	})
}

// A channel that has ended before Dial could return it is none.
func TestOpenedAs(t *testing.T) {
	for _, cause := range []error{errOdd, nil} {
		l := channeltest.NewLoop(t)
		c := l.Open(channeltest.Echo(), channel.Options{})
		c.Abort(cause)
		l.Settle()
		want := cause
		if want == nil {
			want = channel.ErrClosed
		}
		if o := OpenedAs(&c.Channel); o.Err != want || o.Remote != (channel.Remote{}) {
			t.Errorf("aborted for %v: got %v", cause, o)
		}
	}
}

func TestDialError(t *testing.T) {
	for _, c := range []struct {
		err     error
		timeout bool
	}{
		{errOdd, false},
		{os.ErrDeadlineExceeded, true},
		{fmt.Errorf("dial: %w", os.ErrDeadlineExceeded), true},
		{context.DeadlineExceeded, true},
		{context.Canceled, false},
	} {
		err := DialError(c.err)
		if !errors.Is(err, c.err) || errors.Is(err, context.DeadlineExceeded) != c.timeout {
			t.Errorf("%v became %v", c.err, err)
		}
	}
}
