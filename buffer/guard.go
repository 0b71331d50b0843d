package buffer

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Checked mode
//
// In checked mode every block gets memory of its own from a trap, which is not accessible after the block was freed and
// not used again for a long time; every handle is watched and never used again; and every read of a loop takes a fresh block.
// All else is as usual: the same handles, views and shares, the same methods.
//
//	misuse                                         who notices             what the report tells
//	method of a handle that was released           the handle (mustLive)   made, released, used by
//	... that was passed on, second Release         the handle (mustOwn)    made, passed on to, used by
//	stale []byte, read or written                  the trap                block allocated, freed, and Go's own crash
//	[]byte written to while another handle shows   the trap (seal)         block allocated, shared by, and Go's own crash
//	the same bytes
//
// A report ends the program: it goes to standard error, and the exit status is 2.

// guards is the memory of all pools in checked mode.
var guards struct {
	once   sync.Once
	trap   trap
	blocks sync.Map // *guarded by the address of its first byte, of blocks in use and of those freed lately
	count  atomic.Uint64

	mu   sync.Mutex // guards the sharings of all blocks and what is below; no memory of a trap is touched while it is held
	gone []*guarded // freed, the oldest first
}

// maxGone is how many freed blocks are remembered with their stacks.
const maxGone = 64 << 10

// The trap has a goroutine, which must not be started inside of a bubble of testing/synctest if that can be helped.
func init() {
	var p Pool
	if p.override(os.Getenv(Environment)); p.Checked {
		startGuards()
	}
}

func startGuards() {
	guards.once.Do(func() { guards.trap = newTrap(reportFault) })
}

// A guarded is a block of checked mode, and what is known of it.
type guarded struct {
	block
	number  uint64 // in the order of their making
	made    trace
	freed   trace
	isFree  atomic.Bool
	lent    bool // room of it was lent by Tail
	sealed  bool
	sharing []sharing
	shared  trace // the latest sharing
}

// A sharing says that two handles show the same bytes of a block.
type sharing struct {
	off, end uint32
	by       [2]*record
}

// guardBlock makes a block of n bytes in checked mode. The caller holds mu.
func (p *Pool) guardBlock(n int) (*block, error) {
	if p.held+int64(n) > p.limit {
		return nil, ErrLimit
	}
	mem, err := guards.trap.alloc(n)
	if err != nil {
		return nil, err
	}
	g := &guarded{number: guards.count.Add(1)}
	g.mem, g.pool, g.size, g.class = unsafe.Pointer(unsafe.SliceData(mem)), p, uint32(n), classGuarded
	g.refs.Store(firstShares)
	g.made.take()
	guards.blocks.Store(uintptr(g.mem), g)
	p.single(int64(n))
	return &g.block, nil
}

// putGuarded takes back a block of checked mode.
func (p *Pool) putGuarded(b *block) {
	g := (*guarded)(unsafe.Pointer(b))
	g.freed.take()
	g.isFree.Store(true)
	guards.mu.Lock()
	g.sharing = nil
	guards.gone = append(guards.gone, g)
	if len(guards.gone) > maxGone {
		old := guards.gone[0]
		guards.gone = guards.gone[1:]
		guards.blocks.CompareAndDelete(uintptr(old.mem), old)
	}
	guards.mu.Unlock()
	guards.trap.free(b.bytes(0, b.size))

	p.mu.Lock()
	p.single(-int64(b.size))
	p.mu.Unlock()
}

// seal makes raw writes to the bytes of o misuse, which b shows too. Both are watched.
func (b *Buf) seal(o *Buf) {
	if b.home.pool.guard() {
		for i := range o.Segments() {
			if s := o.seg(i); s.b.class == classGuarded {
				(*guarded)(unsafe.Pointer(s.b)).share(sharing{s.off, s.end, [2]*record{b.record(), o.record()}})
			}
		}
	}
}

func (g *guarded) share(s sharing) {
	const most = 64 // of a block; the oldest are forgotten
	guards.mu.Lock()
	defer guards.mu.Unlock()
	if g.lent {
		return // a system call may be writing to it
	}
	if g.sharing = append(g.sharing, s); len(g.sharing) > most {
		g.sharing = g.sharing[1:]
	}
	g.shared.take()
	g.setSeal(true)
}

// setSeal seals or unseals the block. The caller holds the lock.
func (g *guarded) setSeal(on bool) {
	switch {
	case on == g.sealed:
	case on:
		guards.trap.seal(g.bytes(0, g.size))
	default:
		guards.trap.unseal(g.bytes(0, g.size))
	}
	g.sealed = on
}

// eachGuarded calls f with the blocks of b that are guarded, under the lock.
func (b *Buf) eachGuarded(f func(g *guarded)) {
	if b.one.b == nil || !b.home.pool.guard() {
		return
	}
	guards.mu.Lock()
	defer guards.mu.Unlock()
	for i := range b.Segments() {
		if s := b.seg(i); s.b.class == classGuarded {
			f((*guarded)(unsafe.Pointer(s.b)))
		}
	}
}

// unseal lets a method write to the blocks of b, which is watched: methods know what they may do. They remain writable
// until bytes of theirs are shared again.
func (b *Buf) unseal() {
	if b.flags&queued != 0 {
		b.notOwned()
	}
	b.eachGuarded(func(g *guarded) {
		g.sharing = nil
		g.setSeal(false)
	})
}

// unshare forgets what b shares, before it shows something else: from then on a write to those bytes may be allowed. b is
// watched.
func (b *Buf) unshare() {
	r := b.record()
	b.eachGuarded(func(g *guarded) {
		g.sharing = slices.DeleteFunc(g.sharing, func(s sharing) bool { return s.by[0] == r || s.by[1] == r })
		if len(g.sharing) == 0 {
			g.setSeal(false)
		}
	})
}

// lend notes whether somebody may write to the room of b, which is watched: system calls may, and would fail in a sealed block.
func (b *Buf) lend(on bool) {
	b.eachGuarded(func(g *guarded) { g.lent = on })
}

// reportFault is the trap's reporter.
func reportFault(f fault) (fatal bool) {
	g := guardedAt(f.addr)
	if g == nil {
		fmt.Fprintf(os.Stderr, "buffer: access to memory at %#x, which belonged to a Buf long ago\n", f.addr)
		return true
	}
	at := f.addr - uintptr(g.mem)
	did := "read"
	if f.write {
		did = "write"
	}
	text := fmt.Sprintf("buffer: %s of byte %d of a block of %d bytes", did, at, g.size)
	switch {
	case f.sealed:
		guards.mu.Lock()
		shared, by := g.isShared(uint32(at)), g.shared.stack()
		guards.mu.Unlock()
		if !shared {
			return false
		}
		text += fmt.Sprintf(" that several Bufs show\nallocated by\n%sshared by\n%s", indent(g.made.stack().String()), indent(by.String()))
	case g.isFree.Load():
		text += fmt.Sprintf(" after its release\nallocated by\n%sreleased by\n%s", indent(g.made.stack().String()), indent(g.freed.stack().String()))
	default:
		text += fmt.Sprintf(", beyond its end\nallocated by\n%s", indent(g.made.stack().String()))
	}
	if f.late {
		text += "some time ago: here memory can only be looked at when it has been free for a while\n"
		stop(text)
	}
	fmt.Fprintf(os.Stderr, "%sby the goroutine that the fault at %#x is reported of below\n", text, f.addr)
	return true
}

// isShared tells whether two handles that are alive show a byte. The caller holds the lock.
func (g *guarded) isShared(at uint32) bool {
	for _, s := range g.sharing {
		if s.off <= at && at < s.end && s.by[0].alive() && s.by[1].alive() {
			return true
		}
	}
	return false
}

func (r *record) alive() bool {
	p := r.pool.Value()
	if p == nil {
		return false
	}
	w := &p.watching
	w.mu.Lock()
	defer w.mu.Unlock()
	_, ok := w.live[r]
	return ok
}

// guardedAt returns the latest block that an address belonged to, or to the page behind it.
func guardedAt(addr uintptr) (latest *guarded) {
	guards.blocks.Range(func(base, value any) bool {
		g := value.(*guarded)
		begin := base.(uintptr)
		end := begin + (uintptr(g.size)+2*page-1)&^(page-1)
		if begin <= addr && addr < end && (latest == nil || g.number > latest.number) {
			latest = g
		}
		return true
	})
	return latest
}
