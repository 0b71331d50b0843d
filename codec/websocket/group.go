package websocket

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/pipeline"
)

// A SlowPolicy says what happens to members of a Group that do not take their messages as fast as they come: those
// whose channel is not Writable, because its queue is above the high mark.
type SlowPolicy uint8

const (
	// Skip leaves the message out for the member.
	Skip SlowPolicy = iota
	// Drop closes the member's connection, with ErrSlowConsumer.
	Drop
	// Queue queues the message all the same, up to channel.Watermark.Max. Beyond that the connection is closed, with
	// ErrSlowConsumer.
	Queue
)

// A Group is a set of connections of servers that are sent the same messages. The zero value is ready to use; it must not be
// copied. Its methods may be called by any goroutine, but for Join and Leave.
//
//	Broadcast ──► loop ──► member, member, member, ...     one call for each loop that has members
//	         └──► loop ──► member, member, ...
//
// All members are sent the broadcasts of one goroutine in the same order. A connection leaves its groups when a Close
// was written, when a broadcast finds its channel closing, and when it is closed.
type Group struct {
	// Slow must not change once there are members.
	Slow SlowPolicy

	mu     sync.Mutex
	shards []*shard // a new slice for every change

	members, sent, skipped, dropped atomic.Int64
}

// A shard is the members of a group on one loop, to which it belongs.
type shard struct {
	group   *Group
	loop    *channel.Loop
	members []*member
}

// A member is a connection in a group.
type member struct {
	shard *shard
	conn  *conn
	index int     // in shard.members
	next  *member // of the same connection
}

// GroupStats is what has become of a group's messages.
type GroupStats struct {
	Members int64 // that are in the group now
	Sent    int64 // messages that were queued for a member
	Skipped int64 // messages that a member was not sent
	Dropped int64 // members that were closed because they were slow
}

// Stats returns the group's counters.
func (g *Group) Stats() GroupStats {
	return GroupStats{g.members.Load(), g.sent.Load(), g.skipped.Load(), g.dropped.Load()}
}

// ErrNoConnection says that a channel has no stage of a WebSocket server.
var ErrNoConnection = errors.New("websocket: no stage of a server in the pipeline")

// find returns the stage of a channel, nil if there is none.
func find(ch *channel.Channel) *conn {
	if p := pipeline.Of(ch); p != nil {
		for _, s := range p.Stages() {
			if c, ok := s.(*conn); ok {
				return c
			}
		}
	}
	return nil
}

// Join makes the connection that c belongs to a member. It must be called on the connection's loop; if the connection is a member
// already, nothing happens. It returns ErrNoConnection unless c is behind the stage of a server, and channel.ErrClosed when a Close
// was written, or the channel is closing.
func (g *Group) Join(c *Ctx) error {
	s := find(c.Channel())
	switch {
	case s == nil || s.set.client:
		return ErrNoConnection
	case s.state&closeSent != 0 || c.Channel().Closing():
		return channel.ErrClosed
	}
	x := s.extras()
	for m := x.members; m != nil; m = m.next {
		if m.shard.group == g {
			return nil
		}
	}
	sh := g.shard(c.Channel().Loop())
	m := &member{sh, s, len(sh.members), x.members}
	sh.members = append(sh.members, m)
	x.members = m
	g.members.Add(1)
	return nil
}

// Leave ends the membership of the connection that c belongs to, if it is a member. It must be called on the connection's loop.
func (g *Group) Leave(c *Ctx) {
	s := find(c.Channel())
	if s == nil || s.extra == nil {
		return
	}
	for m := s.extra.members; m != nil; m = m.next {
		if m.shard.group == g {
			m.leave()
			return
		}
	}
}

// leave takes a member out of its group.
func (m *member) leave() {
	sh := m.shard
	last := len(sh.members) - 1
	sh.members[m.index] = sh.members[last]
	sh.members[m.index].index = m.index
	sh.members[last] = nil
	sh.members = sh.members[:last]
	sh.group.members.Add(-1)
	if last == 0 {
		sh.group.remove(sh)
	}
	at := &m.conn.extra.members
	for *at != m {
		at = &(*at).next
	}
	*at = m.next
}

// leaveGroups ends all memberships.
func (s *conn) leaveGroups() {
	for s.extra != nil && s.extra.members != nil {
		s.extra.members.leave()
	}
}

// shard returns the group's members on a loop.
func (g *Group) shard(l *channel.Loop) *shard {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, sh := range g.shards {
		if sh.loop == l {
			return sh
		}
	}
	sh := &shard{group: g, loop: l}
	g.shards = append(g.shards[:len(g.shards):len(g.shards)], sh)
	return sh
}

// remove forgets a loop that has no members, or has ended.
func (g *Group) remove(gone *shard) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var rest []*shard
	for _, sh := range g.shards {
		if sh != gone {
			rest = append(rest, sh)
		}
	}
	g.shards = rest
}

// Broadcast sends p to all members. It only asks the loops to do so, and leaves p to its owner, who may release it right away. If
// a loop has too many calls waiting, its members are left out, and channel.ErrRemoteFull is returned.
func (g *Group) Broadcast(p *Prepared) error {
	g.mu.Lock()
	shards := g.shards
	g.mu.Unlock()
	var full atomic.Bool
	for _, sh := range shards {
		p.retain()
		sh.loop.Do(func(err error) {
			defer p.Release()
			switch {
			case err == nil:
				sh.send(p)
			case errors.Is(err, channel.ErrClosed):
				g.remove(sh)
			default:
				full.Store(true)
			}
		})
	}
	if full.Load() {
		return channel.ErrRemoteFull
	}
	return nil
}

// Send is Broadcast for a message that is sent once. It owns data, also when it fails.
func (g *Group) Send(kind Kind, data *buffer.Buf) error {
	p, err := Prepare(kind, data)
	if err != nil {
		return err
	}
	defer p.Release()
	return g.Broadcast(p)
}

// send writes p to the members on the loop.
func (sh *shard) send(p *Prepared) {
	g := sh.group
	var frames []sharedFrame
	defer func() {
		for _, f := range frames {
			f.b.Release()
		}
	}()
	var sent, skipped int64
	for i := len(sh.members) - 1; i >= 0; i-- { // backwards: who leaves has its place taken by one that had its turn
		if i >= len(sh.members) {
			continue
		}
		s := sh.members[i].conn
		ch := s.Channel()
		if err := s.checkPrepared(); err != nil {
			skipped++
			if ch.Closing() { // by somebody else's will, so that it did not leave by itself
				s.leaveGroups()
			}
			continue
		}
		if !ch.Writable() && g.Slow != Queue {
			skipped++
			if g.Slow == Drop {
				g.dropped.Add(1)
				ch.Abort(ErrSlowConsumer)
			}
			continue
		}
		f, err := sh.frame(&frames, p, s.classOf(p))
		if err == nil {
			err = s.writeShared(f)
		}
		switch {
		case err == nil:
			sent++
		case errors.Is(err, channel.ErrOutboundFull):
			skipped++
			g.dropped.Add(1)
			ch.Abort(ErrSlowConsumer)
		default:
			skipped++
			ch.Close(err)
		}
	}
	g.sent.Add(sent)
	g.skipped.Add(skipped)
}

// frame returns the frame for a class, which is kept in frames.
func (sh *shard) frame(frames *[]sharedFrame, p *Prepared, of class) (sharedFrame, error) {
	for _, f := range *frames {
		if f.class == of {
			return f, nil
		}
	}
	f, err := p.local(sh.loop, of)
	if err == nil {
		*frames = append(*frames, f)
	}
	return f, err
}
