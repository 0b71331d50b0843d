package buffer

// books is what a pool counts for Stats, under its lock.
type books struct {
	peak       int64
	large      int
	largeBytes int64
	refills    uint64
	refused    uint64
	trims      uint64
	trimmed    int64
	pressures  uint64
	leaks      uint64
}

// Stats is a snapshot of a pool's books. What loops did since their last turn ended is not yet in it; when they have
// stopped, or sleep, it is exact.
type Stats struct {
	Limit int64 // the most bytes the pool maps; math.MaxInt64 if there is no limit
	Held  int64 // bytes mapped
	Peak  int64 // the most that Held was
	// Live is the number of bytes of blocks that buffers keep in place. It is what is in use: larger than the sum of
	// the buffers' lengths.
	Live   int64
	Cached int64 // bytes of free blocks in caches
	Idle   int64 // bytes of pages of which nothing is in use: what Trim gives back

	Handles     int    // buffers that are owned by somebody
	HandlesMade uint64 // since the pool was made
	Refills     uint64 // how often a loop had no free block and went to the pool
	Copied      int64  // bytes moved from one block to another, see Pool.Copied

	Pressed   bool   // see Pool.Pressed
	Pressures uint64 // how often it began
	Refused   uint64 // allocations that failed at the limit
	Trims     uint64 // ranges of pages given back to the system
	Trimmed   int64  // bytes of these
	Leaks     uint64 // watched handles that were lost; with LeakSample above 1, more were lost than that
	Watched   int    // live handles that are watched

	Large      int          // blocks with a mapping of their own: those beyond 1 MiB, and all in checked mode
	LargeBytes int64        // bytes of these
	Classes    []ClassStats // of the classes that hold memory, by size
}

// ClassStats is about the blocks of one size class.
type ClassStats struct {
	Size   int // bytes of a block
	Chunks int
	Blocks int // in all chunks; each is live, cached or free
	Live   int
	Cached int // in caches: those of loops, and that of all other goroutines
	Free   int
}

// Stats returns a snapshot of the pool's books. It takes some microseconds, for most of which it holds the pool's lock.
func (p *Pool) Stats() Stats {
	classes := make([]ClassStats, 0, numClasses) // not under the lock
	var cached [numClasses]int
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prepare()
	k := &p.books
	s := Stats{
		Limit: p.limit, Held: p.held, Peak: k.peak, Live: p.used, Idle: p.idle + p.loose,
		Handles: p.shared.live(), HandlesMade: p.shared.made(), Refills: k.refills, Copied: p.shared.copied,
		Pressed: p.pressed.Load(), Pressures: k.pressures, Refused: k.refused,
		Trims: k.trims, Trimmed: k.trimmed, Leaks: k.leaks,
		Large: k.large, LargeBytes: k.largeBytes,
	}
	if p.used == k.largeBytes { // no block of a chunk is in use
		s.Idle += int64(len(p.tagMem)) * tagChunk
	}
	s.Watched = p.watching.count()
	for c := range p.caches {
		s.Handles += int(c.published.live.Load())
		s.HandlesMade += c.published.made.Load()
		s.Copied += c.published.copied.Load()
		for class := range cached {
			cached[class] += int(c.stock[class].Load())
		}
	}
	for class := range p.shelves {
		shelf := &p.shelves[class]
		if shelf.chunks == 0 {
			continue
		}
		one := ClassStats{Size: classSize(class), Chunks: shelf.chunks, Blocks: shelf.blocks, Free: shelf.free}
		// What a loop told may be a turn old.
		one.Cached = min(cached[class]+int(p.shared.blocks[class].n), one.Blocks-one.Free)
		one.Live = one.Blocks - one.Free - one.Cached
		s.Cached += int64(one.Cached * one.Size)
		classes = append(classes, one)
	}
	s.Classes = classes
	s.Live -= s.Cached
	return s
}

// Live returns the number of handles that are owned by somebody. What the loops did since their last turn ended is not yet
// counted; when they have stopped, or sleep, the number is exact.
func (p *Pool) Live() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.shared.live()
	for c := range p.caches {
		n += int(c.published.live.Load())
	}
	return n
}

// Held returns the number of bytes that the pool has mapped.
func (p *Pool) Held() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held
}

// Copied returns how many bytes the buffers of this pool have moved from one block to another so far: in Append, Bytes,
// Own and Copy, and in reads across pieces. What loops copied since their last turn ended is not yet counted.
func (p *Pool) Copied() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.shared.copied
	for c := range p.caches {
		n += c.published.copied.Load()
	}
	return n
}
