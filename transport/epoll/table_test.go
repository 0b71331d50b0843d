//go:build linux

package epoll

import (
	"testing"

	"github.com/ropewalk/ropewalk/transport/internal/socket"
)

// The table finds what was entered, also beyond its first page, and nothing else.
func TestTable(t *testing.T) {
	var tab table
	if tab.end() != 0 || tab.get(0) != nil || tab.get(10*tablePage) != nil {
		t.Error("an empty table has something")
	}
	conns := make(map[int]*socket.Conn)
	for _, fd := range []int{0, 7, tablePage - 1, tablePage, 5*tablePage + 3} {
		conns[fd] = new(socket.Conn)
		tab.put(fd, conns[fd])
	}
	for fd := range tab.end() + tablePage {
		if tab.get(fd) != conns[fd] {
			t.Errorf("another connection at %d than was put there", fd)
		}
	}
	p := &poller{byFD: tab}
	n := 0
	for c, key := p.Next(0); c != nil; c, key = p.Next(key + 1) {
		if c != conns[key] {
			t.Errorf("Next returns another connection at %d", key)
		}
		n++
	}
	if n != len(conns) {
		t.Errorf("Next has found %d of %d connections", n, len(conns))
	}
	tab.put(7, nil)
	if tab.get(7) != nil {
		t.Error("a connection that was taken out is still there")
	}
}
