package main

import (
	"sync"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/pipeline"
)

// A room is all connections, by loop, as a websocket.Group has them:
//
//	member ── frame ──► room ──► members of this loop
//	                        └──► another loop ──► its members     one call for each loop
//
// A frame is one piece of memory. Each member is written a handle on it.
type room struct {
	mutex  sync.Mutex
	shards []*shard // a new slice for every change
}

// A shard is the members on one loop, to which it belongs.
type shard struct {
	loop    *channel.Loop
	members []*member
}

// A member is the last stage of a connection: it sends to all what it gets.
type member struct {
	pipeline.Ctx[*buffer.Buf]
	room  *room
	shard *shard
	index int
}

// Open makes the connection a member.
func (m *member) Open() error {
	m.shard = m.room.shard(m.Channel().Loop())
	m.index = len(m.shard.members)
	m.shard.members = append(m.shard.members, m)
	return nil
}

// Closed ends that.
func (m *member) Closed(error) {
	s := m.shard
	if s == nil {
		return
	}
	last := len(s.members) - 1
	s.members[m.index] = s.members[last]
	s.members[m.index].index = m.index
	s.members[last] = nil
	s.members = s.members[:last]
}

func (r *room) shard(l *channel.Loop) *shard {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for _, s := range r.shards {
		if s.loop == l {
			return s
		}
	}
	s := &shard{loop: l}
	r.shards = append(r.shards[:len(r.shards):len(r.shards)], s)
	return s
}

// Read puts the length in front again, where it was, and sends the frame to everybody.
func (m *member) Read(frame *buffer.Buf) error {
	frame.PrependUint32(uint32(frame.Len()))
	m.room.mutex.Lock()
	shards := m.room.shards
	m.room.mutex.Unlock()
	for _, s := range shards {
		if s == m.shard {
			continue
		}
		shared := frame.Clone()
		s.loop.Do(func(err error) {
			if err != nil { // the loop ends, or has too much to do: its members go without
				shared.Release()
				return
			}
			own := s.loop.Cache().Alloc(0) // a handle of this loop, so that its clones are
			own.Append(shared)
			s.send(own)
		})
	}
	m.shard.send(frame)
	return nil
}

// send writes a frame to all members on the loop. One that does not take what is written does not get this frame.
func (s *shard) send(frame *buffer.Buf) {
	defer frame.Release()
	for i := len(s.members) - 1; i >= 0; i-- { // backwards: who leaves has its place taken by one that had its turn
		if i >= len(s.members) {
			continue
		}
		if m := s.members[i]; m.Channel().Writable() {
			m.Write(frame.Clone())
		}
	}
}
