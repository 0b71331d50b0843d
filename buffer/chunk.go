package buffer

import "unsafe"

// A chunk is a run of pages that is cut into blocks of one class. Small blocks come many to a chunk; what describes it and them
// lies behind their bytes:
//
//	┌─────────┬─────────┬─ ─ ─┬─────────┬───────┬────────────┬────────────┬─ ─ ─┐
//	│  bytes  │  bytes  │     │  bytes  │ chunk │   block    │   block    │     │
//	└─────────┴─────────┴─ ─ ─┴─────────┴───────┴────────────┴────────────┴─ ─ ─┘
//	     ▲                                            │
//	     └──────────────── mem ───────────────────────┘
//
// Blocks from 16 KiB on, which fill pages, have a chunk each, which is described elsewhere, see tag. Either way the
// collector sees nothing of it. A chunk belongs to its pool and is used under the pool's lock.
type chunk struct {
	next, prev *chunk // on the shelf of its class, while it has a free block
	free       *block
	mem        unsafe.Pointer
	region     *region // kept alive by the pool
	pages      int32
	nfree      int32  // blocks that are free
	count      int32  // blocks
	idle       uint32 // the pool's tick at which the last block came back
}

const (
	page        = 4096
	chunkHeader = (int(unsafe.Sizeof(chunk{})) + 7) &^ 7 // blocks count in 64 bits
	blockHeader = int(unsafe.Sizeof(block{}))
	hugePage    = 2 << 20

	singleBlock = 16 << 10 // from this size on a block is a chunk
	smallChunk  = 8        // pages of a chunk of smaller blocks, at least
)

// layouts says how chunks of each class are cut.
var layouts = func() (l [numClasses]struct{ pages, blocks int }) {
	for class := range l {
		size := classSize(class)
		if size >= singleBlock {
			l[class].pages, l[class].blocks = size/page, 1
			continue
		}
		// Of the lengths up to twice the smallest, that which wastes least.
		best := 1.0
		for pages := smallChunk; pages <= 2*smallChunk; pages++ {
			blocks := (pages*page - chunkHeader) / (size + blockHeader)
			if waste := 1 - float64(blocks*size)/float64(pages*page); waste < best-0.005 {
				best, l[class].pages, l[class].blocks = waste, pages, blocks
			}
		}
	}
	return l
}()

// chunkOf returns the chunk of a block.
func chunkOf(b *block) *chunk {
	return (*chunk)(unsafe.Add(unsafe.Pointer(b), -int(b.index)*blockHeader-chunkHeader))
}

// addChunk adds a chunk to the shelf of a class, with all its blocks free. The caller holds mu.
func (p *Pool) addChunk(class int) error {
	l := &layouts[class]
	r, first, err := p.takeRun(l.pages)
	if err != nil {
		return err
	}
	size := classSize(class)
	mem := r.mem[first*page : (first+l.pages)*page]
	var k *chunk
	if l.blocks == 1 {
		if k, err = p.tag(); err != nil {
			p.putRun(r, first, l.pages)
			return err
		}
	} else {
		k = (*chunk)(unsafe.Pointer(&mem[l.blocks*size]))
	}
	// What lies here may be bytes of messages, or a pointer to a region that is gone. The collector's write barrier would
	// take what is overwritten for a pointer: so it is zeroed as bytes first.
	clear(unsafe.Slice((*byte)(unsafe.Pointer(k)), chunkHeader+l.blocks*blockHeader))
	*k = chunk{mem: unsafe.Pointer(&mem[0]), region: r, pages: int32(l.pages), nfree: int32(l.blocks), count: int32(l.blocks)}
	for i := l.blocks - 1; i >= 0; i-- {
		b := (*block)(unsafe.Add(unsafe.Pointer(k), chunkHeader+i*blockHeader))
		b.mem, b.pool = unsafe.Pointer(&mem[i*size]), p
		b.size, b.class, b.index = uint32(size), uint8(class), uint16(i)
		b.refs.Store(firstShares)
		b.next, k.free = k.free, b
	}
	s := &p.shelves[class]
	s.link(k, true)
	s.chunks++
	s.blocks += l.blocks
	s.free += l.blocks
	p.idle += int64(len(mem))
	return nil
}

// dissolve gives the pages of chunks back to their regions of which nothing has been in use for at least age ticks. The
// caller holds mu.
func (p *Pool) dissolve(age uint32) {
	for class := range p.shelves {
		s := &p.shelves[class]
		for k := s.last; k != nil && k.nfree == k.count; {
			prev := k.prev
			if p.tick-k.idle >= age {
				s.unlink(k)
				s.chunks--
				s.blocks -= int(k.count)
				s.free -= int(k.count)
				first, n := int(uintptr(k.mem)-uintptr(unsafe.Pointer(&k.region.mem[0])))/page, int(k.pages)
				p.idle -= int64(n) * page
				p.putRun(k.region, first, n)
				if age > 0 {
					k.region.aged.set(first, n) // it was idle for long enough
				}
				if k.count == 1 {
					p.untag(k)
				}
			}
			k = prev
		}
	}
}

// A tag describes a chunk of one block, and the block. Tags come from mappings of their own, which are kept for as long as
// one is in use. Each fills two lines of the processor's cache, or blocks of two loops might share one.
const (
	tagBytes = 128
	tagChunk = 64 << 10
)

// tag returns what describes a chunk of one block. The caller holds mu.
func (p *Pool) tag() (*chunk, error) {
	if p.tags == nil {
		if !p.fits(tagChunk) {
			return nil, ErrLimit
		}
		if p.tags != nil { // one has become free
			return p.tag()
		}
		mem, err := mapMemory(tagChunk, false)
		if err != nil {
			return nil, err
		}
		p.hold(tagChunk)
		p.tagMem = append(p.tagMem, mem)
		for at := 0; at < len(mem); at += tagBytes {
			k := (*chunk)(unsafe.Pointer(&mem[at]))
			k.next, p.tags = p.tags, k
		}
	}
	k := p.tags
	p.tags = k.next
	p.ntags++
	return k, nil
}

func (p *Pool) untag(k *chunk) {
	k.next, p.tags = p.tags, k
	p.ntags--
}

// freeTags unmaps the tags if none is in use. The caller holds mu.
func (p *Pool) freeTags() (bytes int64) {
	if p.ntags > 0 {
		return 0
	}
	for _, mem := range p.tagMem {
		unmapMemory(mem)
		p.hold(-tagChunk)
		p.books.trims++
		p.books.trimmed += tagChunk
		bytes += tagChunk
	}
	p.tags, p.tagMem = nil, nil
	return bytes
}
