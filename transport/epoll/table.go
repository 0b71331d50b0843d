//go:build linux

package epoll

import "github.com/ropewalk/ropewalk/transport/internal/socket"

// table finds the connections of a loop by their descriptors. It grows by pages, so that nothing is moved, or left to
// the collector, as connections come.
type table struct {
	pages []*[tablePage]*socket.Conn
}

const tablePage = 512

// get returns the connection with a descriptor, nil if there is none.
func (t *table) get(fd int) *socket.Conn {
	if p := fd / tablePage; p < len(t.pages) && t.pages[p] != nil {
		return t.pages[p][fd%tablePage]
	}
	return nil
}

// put enters a connection, or nil.
func (t *table) put(fd int, c *socket.Conn) {
	p := fd / tablePage
	for p >= len(t.pages) {
		t.pages = append(t.pages, nil)
	}
	if t.pages[p] == nil {
		t.pages[p] = new([tablePage]*socket.Conn)
	}
	t.pages[p][fd%tablePage] = c
}

// end returns a number above all descriptors in the table.
func (t *table) end() int { return len(t.pages) * tablePage }
