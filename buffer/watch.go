package buffer

import (
	"runtime"
	"slices"
	"sync"
	"time"
	"unsafe"
	"weak"
)

// DefaultLeakSample is the LeakSample of pools that do not set it, where it begins to follow the traffic. A watched handle costs
// one to three microseconds, mostly for its stack.
const DefaultLeakSample = 1024

const (
	maxNotes = 8  // about a handle that are kept: the first, and the latest
	maxStack = 24 // calls of a stack that are kept
)

// Watched handles
//
// One handle in LeakSample is watched: it is an object of its own on the Go heap rather than part of a slab, and it has a
// record of how it was made and where it went. Two things come of that. If the collector finds the handle
// unreachable and it was not released, it was lost, and OnLeak is told. And if a method is called on it after it was released
// or passed on, the panic tells where that had been done.
//
//	watched: ┌─────┬────────┐ ── cleanup ──►  record: stack of its making, notes, stack of its end
//	         │ Buf │ record │ ──────────────►
//	         └─────┴────────┘                   ▲
//	                            watching.live ──┘
//
// The record does not point to the handle, which therefore can be lost. Released handles are used again for the next sample, with
// their record, so that watching allocates nothing in the long run; in checked mode they are not.
type watched struct {
	Buf
	rec *record
}

// watching is the part of a pool that knows its records.
type watching struct {
	mu   sync.Mutex // guards this and all records; nothing else is locked, nor memory of buffers touched, while it is held
	live map[*record]struct{}
	free *Buf // watched handles
}

// A record is a History in the making. What it was lies in arrays, not slices, so that it can be used again.
type record struct {
	pool  weak.Pointer[Pool] // or else the handles that wait for use would keep the pool for ever
	at    time.Time
	made  trace
	notes [maxNotes]struct {
		text  string
		where [8]uintptr // with the calls inside this package, which History leaves out
	}
	nnotes int // also those that were not kept
	end    string
	ended  trace
}

// A trace is a Stack with room of its own.
type trace struct {
	pc [maxStack]uintptr
	n  int
}

// take records the stack of what called into this package.
func (t *trace) take() { t.n = runtime.Callers(3, t.pc[:]) }

func (t *trace) stack() Stack { return append(Stack(nil), t.pc[:t.n]...) }

// watchNext puts a watched handle in front of the free handles of c.
func (c *Cache) watchNext() {
	p := c.pool
	w := &p.watching
	w.mu.Lock()
	defer w.mu.Unlock()
	b := w.free
	if b == nil {
		r := &record{pool: weak.Make(p)}
		h := &watched{rec: r, Buf: Buf{size: dead, flags: watch}}
		runtime.AddCleanup(h, (*record).lost, r)
		b = &h.Buf
	} else {
		w.free = b.next
	}
	r := b.record()
	r.at, r.nnotes, r.end, r.ended.n = time.Now(), 0, "", 0
	r.made.take()
	if w.live == nil {
		w.live = make(map[*record]struct{})
	}
	w.live[r] = struct{}{}
	b.home, b.next, c.free = c, c.free, b
}

// record returns the record of a handle that is watched.
func (b *Buf) record() *record { return (*watched)(unsafe.Pointer(b)).rec }

// unwatch takes back a watched handle, which was released or has given its bytes to another one.
func (p *Pool) unwatch(b *Buf) {
	r := b.record()
	w := &p.watching
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.live, r)
	if r.end == "" {
		r.end = "released"
		if p.sample == 1 { // of a sample, only those count that are lost
			r.ended.take()
		}
	}
	if !p.Checked { // there, its record tells who goes on using it
		b.next, w.free = w.free, b
	}
}

// passed notes where the handle went, or by an empty text that it is owned again.
func (r *record) passed(where string) {
	w := &r.pool.Value().watching // a handle keeps its pool
	w.mu.Lock()
	defer w.mu.Unlock()
	r.end = where
	r.ended.take()
}

// touch adds a note.
func (r *record) touch(text string) {
	w := &r.pool.Value().watching
	w.mu.Lock()
	defer w.mu.Unlock()
	at := r.nnotes
	if at >= maxNotes { // the first and the latest are kept
		copy(r.notes[1:], r.notes[2:])
		at = maxNotes - 1
	}
	r.notes[at].text = text
	runtime.Callers(2, r.notes[at].where[:])
	r.nnotes++
}

// history returns what the record says. The caller holds the lock.
func (r *record) history() History {
	h := History{At: r.at, Made: r.made.stack(), End: r.end}
	if r.end != "" {
		h.Ended = r.ended.stack()
	}
	n := min(r.nnotes, maxNotes)
	h.Dropped = r.nnotes - n
	for i := range n {
		h.Notes = append(h.Notes, Note{r.notes[i].text, slices.Clone(r.notes[i].where[:])})
	}
	return h
}

// lost is called when a watched handle is unreachable. It is not free, so it was not released, unless in checked mode.
func (r *record) lost() {
	p := r.pool.Value()
	if p == nil {
		return
	}
	w := &p.watching
	w.mu.Lock()
	_, owned := w.live[r]
	delete(w.live, r)
	h := r.history()
	w.mu.Unlock()
	if !owned {
		return
	}
	p.mu.Lock()
	p.books.leaks++
	p.mu.Unlock()
	p.reportLeak(h)
}

func (w *watching) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.live)
}

// Watched returns the histories of the watched handles that are alive, in no order: of all that are alive if LeakSample is
// 1, else of a sample.
func (p *Pool) Watched() []History {
	w := &p.watching
	w.mu.Lock()
	defer w.mu.Unlock()
	all := make([]History, 0, len(w.live))
	for r := range w.live {
		all = append(all, r.history())
	}
	return all
}

// Touch leaves a note in the history of b, which a leak report shows: for example what a message is waiting for. It does
// nothing unless b is watched, see Pool.LeakSample, so the note should be a constant; what it costs then is a
// comparison.
func (b *Buf) Touch(note string) {
	if b.flags&watch != 0 {
		b.record().touch(note)
	}
}

// WatchesAll tells whether every handle of the pool is watched: LeakSample is 1, or the pool is in checked mode. Those
// who leave notes that cost something ask it.
func (p *Pool) WatchesAll() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prepare()
	return p.sample == 1
}
