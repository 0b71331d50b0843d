package main

import "sync"

// A hub has the rooms.
type hub struct {
	limits limits

	mu    sync.Mutex
	rooms map[string]*room
}

// enter returns the room of a name, with a place in it for one more, who calls exit in the end; or what there is too much of.
func (h *hub) enter(name string) (r *room, full string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r = h.rooms[name]
	switch {
	case r == nil && len(h.rooms) >= h.limits.rooms:
		return nil, "there are too many rooms"
	case r == nil:
		r = newRoom(name, h.limits)
		h.rooms[name] = r
	case r.places >= h.limits.members:
		return nil, "the room is full"
	}
	r.places++
	return r, ""
}

// exit gives a place back.
func (h *hub) exit(r *room) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.places--; r.places == 0 {
		delete(h.rooms, r.name)
	}
}
