//go:build linux

package socket

// pace follows what a socket receives: how large the slots of the next burst shall be.
type pace struct {
	slot   int // bytes
	bursts int // of the present look
	small  int // the largest message of up to largeMessage bytes in them
	big    int // the largest of all
	many   int // messages
	large  int // of them larger than largeMessage
}

const (
	firstSlot    = 2 << 10
	leastSlot    = 128
	lookBursts   = 64
	largeMessage = 2 << 10
)

// slots returns the size and number of slots for a room.
func (p *pace) slots(room int) (slot, count int) {
	if p.slot == 0 {
		p.slot = firstSlot
	}
	slot = min(p.slot, room)
	return slot, min(room/slot, maxMessages)
}

// saw looks at a burst. Slots grow at once, and shrink when nothing large has come for a while. If most messages are large the slots hold
// the largest; if few are, they are put together in blocks of their own.
func (p *pace) saw(messages []mmsghdr) {
	for i := range messages {
		n := int(messages[i].n)
		p.big = max(p.big, n)
		if n > largeMessage {
			p.large++
		} else {
			p.small = max(p.small, n)
		}
	}
	p.many += len(messages)
	want := p.small
	if 2*p.large >= p.many && p.large > 0 {
		want = p.big
	}
	want = max((want+15)&^15, leastSlot)
	p.slot = max(p.slot, want)
	if p.bursts++; p.bursts >= lookBursts {
		*p = pace{slot: want}
	}
}
