package main

import (
	"context"
	"sync"

	"github.com/cloudwego/netpoll"
	"github.com/cloudwego/netpoll/mux"
	"github.com/ropewalk/ropewalk/bench/internal/hub"
)

// A room is all connections.
type room struct {
	members hub.Hub[*member]
	queued  bool
}

// A member is a connection that several goroutines write to, which a Writer does not allow by itself.
type member struct {
	mutex sync.Mutex
	conn  netpoll.Connection
	queue *mux.ShardQueue
}

func (r *room) join(c netpoll.Connection) context.Context {
	m := &member{conn: c}
	if r.queued {
		m.queue = mux.NewShardQueue(mux.ShardSize, c)
	}
	r.members.Join(m)
	c.AddCloseCallback(func(netpoll.Connection) error {
		r.members.Leave(m)
		if m.queue != nil {
			return m.queue.Close()
		}
		return nil
	})
	return context.Background()
}

// fan sends each frame that is there to everybody.
func (s *server) fan(_ context.Context, c netpoll.Connection) error {
	err := s.each(c, func(frame []byte) error {
		if s.room.queued {
			frame = append([]byte(nil), frame...) // it outlives Release
		}
		s.room.members.Each(func(m *member) { m.send(frame) })
		return nil
	})
	if err != nil {
		c.Close()
		return err
	}
	return c.Reader().Release()
}

// send writes a frame, or queues it.
func (m *member) send(frame []byte) {
	if m.queue != nil {
		m.queue.Add(func() (netpoll.Writer, bool) {
			b := netpoll.NewLinkBuffer()
			b.WriteBinary(frame)
			b.Flush()
			return b, false
		})
		return
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	w := m.conn.Writer()
	w.WriteBinary(frame)
	w.Flush()
}
