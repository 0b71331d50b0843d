// Package hub keeps those who get a broadcast, for the peers written in Go.
package hub

import (
	"slices"
	"sync"
)

// A Hub is a list of members. Its methods may be called by any goroutine.
type Hub[M comparable] struct {
	mutex   sync.Mutex
	members []M
}

// Join adds a member.
func (h *Hub[M]) Join(m M) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.members = append(h.members, m)
}

// Leave removes a member.
func (h *Hub[M]) Leave(m M) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if i := slices.Index(h.members, m); i >= 0 {
		last := len(h.members) - 1
		h.members[i] = h.members[last]
		h.members = h.members[:last]
	}
}

// Each calls f for every member, one after the other. Nobody joins or leaves meanwhile.
func (h *Hub[M]) Each(f func(M)) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	for _, m := range h.members {
		f(m)
	}
}
