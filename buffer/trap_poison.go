package buffer

import (
	"sync"
	"unsafe"
)

// poison is what memory holds that a poisonTrap took back.
const poison = 0xdb

// A poisonTrap gives out Go memory, overwrites what it gets back, and looks later whether somebody wrote to it. It works on
// every system and notices no read, but the race detector does: to it, the overwriting is a write like any other, with
// which a stale access on another goroutine is in a race.
type poisonTrap struct {
	report reporter
	queue  quarantine

	mu   sync.Mutex
	live map[*byte][]byte // keeps the memory alive for those who hold only an address of it
}

func newPoisonTrap(bytes, blocks int, report reporter) *poisonTrap {
	t := &poisonTrap{report: report, live: make(map[*byte][]byte)}
	t.queue = quarantine{bytes: bytes, blocks: blocks}
	return t
}

func (t *poisonTrap) describe() string {
	return "freed memory is overwritten, and a later write to it is noticed when it has been free for a while"
}

func (t *poisonTrap) alloc(n int) ([]byte, error) {
	mem := make([]byte, max(n, 1))
	t.mu.Lock()
	t.live[&mem[0]] = mem
	t.mu.Unlock()
	return mem[:n], nil
}

func (t *poisonTrap) free(mem []byte) {
	mem = mem[:cap(mem)]
	t.mu.Lock()
	_, ok := t.live[unsafe.SliceData(mem)]
	delete(t.live, unsafe.SliceData(mem))
	t.mu.Unlock()
	if !ok {
		panic("buffer: a trap got memory that it has not given out")
	}
	for i := range mem {
		mem[i] = poison
	}
	for _, old := range t.queue.add(mem) {
		t.check(old)
	}
}

// check reports the first byte of mem that is not as free left it.
func (t *poisonTrap) check(mem []byte) {
	for i, c := range mem {
		if c == poison {
			continue
		}
		f := fault{addr: uintptr(unsafe.Pointer(&mem[i])), write: true, late: true}
		if t.report(f) {
			panic("buffer: memory was written to after it was released")
		}
		return
	}
}

func (t *poisonTrap) seal([]byte)   {}
func (t *poisonTrap) unseal([]byte) {}

// A quarantine holds freed memory, at most so many bytes and blocks, in the order in which it came.
type quarantine struct {
	bytes, blocks int

	mu   sync.Mutex
	held [][]byte
	size int
}

// add puts mem in and returns what has to leave for it.
func (q *quarantine) add(mem []byte) (out [][]byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held = append(q.held, mem)
	q.size += len(mem)
	n := 0
	for n < len(q.held) && (q.size > q.bytes || len(q.held)-n > q.blocks) {
		q.size -= len(q.held[n])
		n++
	}
	return q.cut(n)
}

// drain returns all that it holds.
func (q *quarantine) drain() [][]byte {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.size = 0
	return q.cut(len(q.held))
}

// cut takes the n oldest out. What it returns is not used again by the quarantine.
func (q *quarantine) cut(n int) [][]byte {
	out := q.held[:n:n]
	q.held = q.held[n:]
	return out
}
