package main

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/websocket"
)

// A room is a history and those who are told how it goes on. Its lock puts what happens in one order: events leave for each loop
// in that order, and a newcomer's welcome ends with the event behind which it stands in line. The lock is held for as long as
// it takes to encode an event and to call the loops, whatever the number of members.
type room struct {
	name   string
	limits limits
	places int // that are taken; under the lock of the hub

	mu      sync.Mutex
	seq     uint64
	history []event
	names   map[string]bool
	shards  []*shard
}

// A shard is the members of a room on one loop. Which shards there are is under the room's lock; who is in it belongs to the loop.
type shard struct {
	loop    *channel.Loop
	members []*member
}

func newRoom(name string, l limits) *room {
	return &room{name: name, limits: l, names: make(map[string]bool)}
}

// join makes m a member, and returns its welcome. It is called on m's loop.
func (r *room) join(m *member) (*buffer.Buf, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m.name = r.free(m.name)
	r.names[m.name] = true
	if err := r.post(event{Kind: joined, Name: m.name}); err != nil {
		delete(r.names, m.name)
		return nil, err
	}
	m.seen = r.seq // what was posted before may still be on its way to the shard
	r.shard(m.Channel().Loop()).add(m)
	hello := event{Kind: welcome, Seq: r.seq, At: now(), Name: m.name, History: r.history, Members: slices.Sorted(maps.Keys(r.names))}
	return hello.encode(m.Channel().Cache()), nil
}

// free returns a name that nobody has: that one, or with a number behind it.
func (r *room) free(name string) string {
	one := name
	for i := 2; r.names[one]; i++ {
		one = fmt.Sprintf("%s %d", name, i)
	}
	return one
}

// leave ends a membership, on the member's loop. why is told to the others.
func (r *room) leave(m *member, why string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.shard(m.Channel().Loop()); s.remove(m) {
		r.shards = slices.DeleteFunc(r.shards, func(o *shard) bool { return o == s })
	}
	delete(r.names, m.name)
	return r.post(event{Kind: left, Name: m.name, Text: why})
}

// say tells all members what one of them says.
func (r *room) say(name, text string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.post(event{Kind: said, Name: name, Text: text})
}

// post adds an event to the history, and calls the loops to send it. A loop with too many calls waiting is left out: then its
// members see a gap in the numbers. The lock is held.
func (r *room) post(e event) error {
	e.Seq, e.At = r.seq+1, now()
	r.seq++
	r.history = append(r.history, e)
	r.history = r.history[max(0, len(r.history)-r.limits.history):]
	if len(r.shards) == 0 {
		return nil
	}
	p, err := e.prepare(r.shards[0].loop.Cache().Pool())
	if err != nil {
		return err
	}
	owners := new(atomic.Int32) // the last loop that is through releases it
	owners.Store(int32(len(r.shards)))
	for _, s := range r.shards {
		s.loop.Do(func(err error) {
			defer func() {
				if owners.Add(-1) == 0 {
					p.Release()
				}
			}()
			if err == nil {
				s.send(e.Seq, p)
			}
		})
	}
	return nil
}

// shard returns the room's shard of a loop. The lock is held.
func (r *room) shard(l *channel.Loop) *shard {
	for _, s := range r.shards {
		if s.loop == l {
			return s
		}
	}
	s := &shard{loop: l}
	r.shards = append(r.shards, s)
	return s
}

func (s *shard) add(m *member) {
	m.index = len(s.members)
	s.members = append(s.members, m)
}

// remove removes a member, and tells whether it was the last one.
func (s *shard) remove(m *member) bool {
	last := s.members[len(s.members)-1]
	s.members[m.index], last.index = last, m.index
	s.members[len(s.members)-1] = nil
	s.members = s.members[:len(s.members)-1]
	return len(s.members) == 0
}

// send sends an event to the members on the loop.
func (s *shard) send(seq uint64, p *websocket.Prepared) {
	for i := len(s.members) - 1; i >= 0; i-- { // backwards: the place of one that leaves is taken by one that had its turn
		s.members[i].take(seq, p)
	}
}

func now() int64 { return time.Now().UnixMilli() }
