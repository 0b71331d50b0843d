package buffer

// A Hand remembers a buffer that a handler is called with, so that a loop can take it back if the handler panics.
type Hand struct {
	b   *Buf
	gen uint32
}

// HandOf remembers b.
func HandOf(b *Buf) Hand { return Hand{b, b.gen} }

// Reclaim releases the buffer unless its owner released it, or passed it on to a queue or another buffer. It cannot know
// whether the handler has stored it for later; that is why a handler that keeps a message does so as its last act.
// It must be called on the goroutine that the buffer was handed over on.
func (h Hand) Reclaim() {
	if h.b != nil && h.b.gen == h.gen && h.b.flags&(live|queued) == live {
		h.b.Release()
	}
}
