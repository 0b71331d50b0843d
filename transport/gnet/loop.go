package gnet

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	gnetv2 "github.com/panjf2000/gnet/v2"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// maxRounds is how many turns a loop makes in one go, before gnet serves other events.
const maxRounds = 2

// loop is our side of one event loop of gnet. All fields but those at the end belong to gnet's goroutine.
type loop struct {
	*channel.Loop
	readAhead int

	all     []*conn // those that are open
	resumed []*conn // to whom input that is there may be delivered
	ready   []*conn // who have more to send than they may in one turn
	taken   []*conn // from one of these lists
	pieces  [][]byte
	vectors vectors

	timer    *time.Timer   // ends a wait
	armed    time.Duration // when it will, 0 if it was not set
	stopping bool
	over     bool

	calls counters
	conns atomic.Int64  // connections that are here, or on their way
	done  chan struct{} // closed when the loop is over

	enroll func(*conn, net.Conn) error // brings a connection back into the loop; it waits for the loop

	waking sync.Mutex       // so that gnet is not called when it has stopped: it would write to a descriptor that is another's
	events gnetv2.EventLoop // nil when the loop is over
}

// newLoop makes a loop on the calling goroutine, which is that of events.
func newLoop(events gnetv2.EventLoop, pool *buffer.Pool, log *slog.Logger, now func() time.Duration, ahead int) *loop {
	l := &loop{events: events, readAhead: ahead, done: make(chan struct{})}
	l.Loop = channel.NewLoop(channel.LoopConfig{Pool: pool, Logger: log, Now: now, Wake: l.wake})
	l.Engine = l
	l.timer = time.AfterFunc(time.Hour, l.wake)
	l.timer.Stop()
	return l
}

// wake has gnet call Run. Any goroutine may call it.
func (l *loop) wake() {
	l.waking.Lock()
	defer l.waking.Unlock()
	if l.events != nil {
		l.events.Execute(context.Background(), l)
	}
}

// Run implements gnet.Runnable: a turn that no event of a connection has caused.
func (l *loop) Run(context.Context) error {
	if l.over {
		return nil
	}
	l.calls.Control++
	l.Tick()
	l.armed = 0 // perhaps it was the timer
	l.round()
	l.finish()
	return nil
}

// round is a turn of the channels.
func (l *loop) round() {
	for _, c := range l.take(&l.ready) {
		c.flags &^= unsent
		l.goOn(c)
	}
	l.turn()
}

func (l *loop) turn() {
	defer l.Recover()
	l.Turn()
}

// goOn lets a connection send more.
func (l *loop) goOn(c *conn) {
	defer l.Recover()
	if !c.gone() {
		c.Ready()
	}
}

// take returns the connections of a list, until the next call. Those that are listed from now on are for the next round.
func (l *loop) take(list *[]*conn) []*conn {
	if len(*list) == 0 {
		return nil
	}
	clear(l.taken)
	l.taken, *list = *list, l.taken[:0]
	return l.taken
}

// finish ends the service of an event: it makes turns while there is work, but not many, and then sees to it that the loop is called in time.
func (l *loop) finish() {
	for range maxRounds {
		l.resume()
		if d := l.Timeout(); d != 0 && len(l.ready) == 0 && !l.stopping {
			l.arm(d)
			l.calls.Pauses, l.calls.RelayedBytes = l.Pauses(), uint64(l.RelayStats().Copied)
			l.calls.publish()
			return
		}
		l.round()
	}
	if l.stopping {
		l.stop()
		return
	}
	l.calls.publish()
	l.wake()
}

// resume delivers what had come for channels that did not read, and do now.
func (l *loop) resume() {
	for _, c := range l.take(&l.resumed) {
		c.flags &^= listed
		l.attend(c)
	}
}

// attend serves a channel that reads again.
func (l *loop) attend(c *conn) {
	defer l.Recover()
	if !c.gone() {
		c.deliver()
		c.comeBack()
		if c.flags&draining != 0 && !c.gone() {
			c.drain()
		}
	}
}

// arm has the loop called after d, which is negative for never.
func (l *loop) arm(d time.Duration) {
	if d < 0 {
		return
	}
	if at := l.Now() + d; l.armed == 0 || at < l.armed {
		l.armed = at
		l.timer.Reset(d)
	}
}

// stop aborts what is open and ends the loop. gnet's goes on until it is told.
func (l *loop) stop() {
	if l.over {
		return
	}
	for l.Channels() > 0 {
		l.abort()
	}
	l.over = true
	l.waking.Lock()
	l.events = nil
	l.waking.Unlock()
	l.timer.Stop()
	l.Loop.Stop()
	l.calls.publish()
	close(l.done)
}

// abort closes all channels, unless code of one of them panics.
func (l *loop) abort() {
	defer l.Recover()
	for _, c := range l.all {
		c.Abort(channel.ErrShutdown)
	}
	l.Turn()
}

// Base and Load implement group.Loop.
func (l *loop) Base() *channel.Loop { return l.Loop }
func (l *loop) Load() int64         { return l.conns.Load() }

// insist is Loop.Do for the engine's own calls.
func (l *loop) insist(f func(error)) { group.Insist(l.Loop, f) }

// put enters a connection, and remove takes it out.
func (l *loop) put(c *conn) {
	c.index = len(l.all)
	l.all = append(l.all, c)
}

func (l *loop) remove(c *conn) {
	last := l.all[len(l.all)-1]
	l.all[c.index], last.index = last, c.index
	l.all[len(l.all)-1] = nil
	l.all = l.all[:len(l.all)-1]
}
