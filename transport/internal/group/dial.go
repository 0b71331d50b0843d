package group

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/ropewalk/ropewalk/channel"
)

// Opened is what became of a channel that was to be opened for Dial: Remote if Err is nil.
type Opened struct {
	Remote channel.Remote
	Err    error
}

// OpenedAs tells what became of a channel after its Open has returned, which may have closed it. It runs on the channel's loop.
func OpenedAs(c *channel.Channel) Opened {
	if r := c.Remote(); r != (channel.Remote{}) {
		return Opened{Remote: r}
	}
	return Opened{Err: cmp.Or(c.Cause(), channel.ErrClosed)}
}

// Await waits for what a loop sends when it has opened a channel, or could not, which it must do once: opened has room for it.
// When ctx ends first Await fails with its cause, and a channel that is opened all the same is closed with that.
func Await(ctx context.Context, opened <-chan Opened) (channel.Remote, error) {
	select {
	case o := <-opened:
		return o.Remote, o.Err
	case <-ctx.Done():
		go func() { // it may have been opened at the same moment
			if o := <-opened; o.Err == nil {
				o.Remote.Close(context.Cause(ctx))
			}
		}()
		return channel.Remote{}, context.Cause(ctx)
	}
}

// DialError returns an error of net.Dialer such that errors.Is finds context.DeadlineExceeded in it whenever the time of the
// context was over: package net tells that in two ways.
func DialError(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", err, context.DeadlineExceeded)
	}
	return err
}
