package main

import (
	"sync"

	"github.com/ropewalk/ropewalk/bench/internal/hub"
	"github.com/tidwall/evio"
)

// A room is all connections.
type room struct{ members hub.Hub[*member] }

// A member is a connection that frames are noted for.
type member struct {
	session
	conn evio.Conn

	mutex   sync.Mutex
	pending [][]byte
}

// serveFan makes every connection a member.
func (s *server) serveFan(events *evio.Events) {
	events.Opened = func(c evio.Conn) ([]byte, evio.Options, evio.Action) {
		m := &member{conn: c}
		c.SetContext(m)
		s.room.members.Join(m)
		return nil, evio.Options{ReuseInputBuffer: true}, evio.None
	}
	events.Closed = func(c evio.Conn, _ error) evio.Action {
		if m, ok := c.Context().(*member); ok {
			s.room.members.Leave(m)
		}
		return evio.None
	}
	events.Data = s.fan
}

// fan notes each frame for everybody else, and returns what the connection is to be sent itself.
func (s *server) fan(c evio.Conn, in []byte) ([]byte, evio.Action) {
	self := c.Context().(*member)
	action := s.each(&self.session, in, func(frame []byte) {
		shared := append([]byte(nil), frame...)
		s.room.members.Each(func(m *member) {
			if m.note(shared) && m != self {
				m.conn.Wake()
			}
		})
	})
	return self.take(), action
}

// note adds a frame to what a member is to be sent, and tells whether it has to be woken for it.
func (m *member) note(frame []byte) bool {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.pending = append(m.pending, frame)
	return len(m.pending) == 1
}

// take returns what a member is to be sent.
func (m *member) take() (out []byte) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if len(m.pending) == 1 {
		out = m.pending[0]
	} else {
		m.out = m.out[:0]
		for _, frame := range m.pending {
			m.out = append(m.out, frame...)
		}
		out = m.out
	}
	clear(m.pending)
	m.pending = m.pending[:0]
	return out
}
