package channel

// A waitlist is a queue of channels that may close while they are in it. A channel is in it at most once, which its
// flagWaiting says. It costs a word for each that waits, and nothing for those that do not.
type waitlist struct {
	list []*Channel // from head on
	head int
	gone int // how many were closed that waited, here or in another list, since the last look for them
}

func (w *waitlist) empty() bool { return w.head == len(w.list) }

// len returns how many are in the list, those that were closed included.
func (w *waitlist) len() int { return len(w.list) - w.head }

// push adds a channel at the end.
func (w *waitlist) push(ch *Channel) {
	if w.head > len(w.list)/2 {
		w.list = append(w.list[:0], w.list[w.head:]...)
		w.head = 0
	}
	w.list = append(w.list, ch)
}

// pop removes the first channel that is not closed, and returns nil if there is none.
func (w *waitlist) pop() *Channel {
	for !w.empty() {
		ch := w.list[w.head]
		w.list[w.head] = nil
		w.head++
		if ch.state != gone {
			return ch
		}
	}
	*w = waitlist{} // a crowd is rare, its list is not kept
	return nil
}

// closed notes that a channel that waits is gone. When that may be most of the list they are removed, so that connections
// that come and go cannot make it grow.
func (w *waitlist) closed() {
	const few = 64
	if w.gone++; w.gone < few || w.gone < w.len()/2 {
		return
	}
	kept := w.list[:0]
	for _, ch := range w.list[w.head:] {
		if ch.state != gone {
			kept = append(kept, ch)
		}
	}
	clear(w.list[len(kept):])
	w.list, w.head, w.gone = kept, 0, 0
}
