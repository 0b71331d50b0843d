package buffer

import "math/bits"

// A region is a mapping of 4 MiB that chunks of all classes are cut from, in runs of pages. What one class does not need
// any more, another one gets, without a system call.
//
//	free    ░░░░████░░░░░░░░██████████░░░░░░░░░░░░   pages in no chunk: ░
//	empty   ░░░░▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒░░░░░░░░░░   pages without memory: ░ never touched, or given back to the system
//
// A pool holds the pages that are not empty. It belongs to its pool and is used under the pool's lock.
type region struct {
	mem   []byte
	free  pageSet
	empty pageSet
	aged  pageSet // free since the last tick of the trimmer
	nfree int     // pages
	most  int     // no run of free pages is longer
	// No run of at least 1<<i free pages begins before hint[i].
	hint [11]uint16
}

const (
	regionPages = 1024
	regionBytes = regionPages * page
)

// find returns the first run of n free pages.
func (r *region) find(n int) (first int, ok bool) {
	class := bits.Len(uint(n)) - 1
	longest, hinted := 1<<class-1, false // before the hint
	for begin, end := r.free.run(int(r.hint[class])); begin < regionPages; begin, end = r.free.run(end) {
		if !hinted && end-begin >= 1<<class {
			r.hint[class], hinted = uint16(begin), true
		}
		if end-begin >= n {
			return begin, true
		}
		longest = max(longest, end-begin)
	}
	if !hinted {
		r.hint[class] = regionPages
	}
	r.most = longest
	return 0, false
}

// takeRun takes n pages out of a region. The caller holds mu.
func (p *Pool) takeRun(n int) (r *region, first int, err error) {
	if r, first = p.findRun(n); p.idle > spareBytes && (r == nil || r.empty.count(first, n) > 0) {
		p.dissolve(0) // rather than take more from the system
		r, first = p.findRun(n)
	}
	if r != nil {
		return r, first, p.commit(r, first, n)
	}
	p.checkTicking()
	need := int64(n) * page
	if p.HugePages {
		need = regionBytes // the system gives memory by pages of 2 MiB
	}
	if !p.fits(need) {
		return nil, 0, ErrLimit
	}
	r = &region{nfree: regionPages, most: regionPages}
	if r.mem, err = mapMemory(regionBytes, p.HugePages); err != nil {
		return nil, 0, err
	}
	r.free.set(0, regionPages)
	if p.HugePages {
		p.loose += regionBytes
		p.hold(regionBytes)
	} else {
		r.empty.set(0, regionPages)
	}
	p.regions = append(p.regions, r)
	return r, 0, p.commit(r, 0, n)
}

// findRun returns the first run of n free pages, and no region if there is none.
func (p *Pool) findRun(n int) (*region, int) {
	for _, r := range p.regions {
		if r.most >= n {
			if first, ok := r.find(n); ok {
				return r, first
			}
		}
	}
	return nil, 0
}

// commit takes a run of free pages into use, if the limit allows.
func (p *Pool) commit(r *region, first, n int) error {
	more := int64(r.empty.count(first, n)) * page
	r.free.clear(first, n) // first, so that it does not go back to the system
	r.aged.clear(first, n)
	r.nfree -= n
	p.loose -= int64(n)*page - more
	if !p.fits(more) {
		p.putRun(r, first, n)
		p.loose -= more
		return ErrLimit
	}
	p.hold(more)
	r.empty.clear(first, n)
	return nil
}

// fits tells whether n more bytes may be held, after all was given back that is not in use if need be. The caller holds mu.
func (p *Pool) fits(n int64) bool {
	if p.held+n > p.limit {
		p.giveBack()
	}
	return p.held+n <= p.limit
}

// putRun gives a run of pages back to its region. They keep their memory. The caller holds mu.
func (p *Pool) putRun(r *region, first, n int) {
	r.free.set(first, n)
	r.nfree += n
	begin := r.free.begin(first)
	r.most = max(r.most, r.free.next(first, ^uint64(0))-begin)
	for i := range r.hint {
		r.hint[i] = min(r.hint[i], uint16(begin))
	}
	p.loose += int64(n) * page
	p.startTicking()
}

// decommit gives the memory of free pages back to the system. The caller holds mu.
func (p *Pool) decommit() (bytes int64) { return p.release(func(r *region) pageSet { return r.free }) }

// decommitAged gives back what has been free since the last call. The caller holds mu.
func (p *Pool) decommitAged() {
	p.release(func(r *region) pageSet { return r.aged })
	for _, r := range p.regions {
		r.aged = r.free
	}
}

// release gives back the memory of some free pages of each region, and regions without a page in use.
func (p *Pool) release(which func(*region) pageSet) (bytes int64) {
	kept := p.regions[:0]
	for _, r := range p.regions {
		gone := which(r)
		var n int64
		switch {
		case r.nfree == regionPages && gone == r.free:
			n = int64(regionPages-r.empty.count(0, regionPages)) * page
			unmapMemory(r.mem)
			p.books.trims++
		default:
			kept = append(kept, r)
			if !p.HugePages {
				n = p.releasePages(r, gone)
			}
		}
		p.loose -= n
		p.hold(-n)
		p.books.trimmed += n
		bytes += n
	}
	clear(p.regions[len(kept):])
	p.regions = kept
	return bytes
}

// releaseExcess gives back the memory of free pages beyond what the pool may keep, of the regions first that are needed least:
// runs are taken from the first region that has one. The caller holds mu.
func (p *Pool) releaseExcess() {
	for i := len(p.regions) - 1; i >= 0 && p.excess() > 0; i-- {
		r := p.regions[i]
		n := p.releasePages(r, r.free)
		p.loose -= n
		p.hold(-n)
		p.books.trimmed += n
	}
}

// releasePages gives back the memory of those pages of r that have some.
func (p *Pool) releasePages(r *region, which pageSet) (bytes int64) {
	for i := range which {
		which[i] &^= r.empty[i]
	}
	for begin, end := which.run(0); begin < regionPages; begin, end = which.run(end) {
		if !decommitMemory(r.mem[begin*page : end*page]) {
			p.locked = true // to try again would not help
			return bytes
		}
		r.empty.set(begin, end-begin)
		p.books.trims++
		bytes += int64(end-begin) * page
	}
	return bytes
}

// A pageSet has a bit for each page of a region.
type pageSet [regionPages / 64]uint64

func (s *pageSet) set(first, n int) {
	eachWord(uint(first), uint(n), func(i uint, mask uint64) { s[i] |= mask })
}

func (s *pageSet) clear(first, n int) {
	eachWord(uint(first), uint(n), func(i uint, mask uint64) { s[i] &^= mask })
}

func (s *pageSet) count(first, n int) (pages int) {
	eachWord(uint(first), uint(n), func(i uint, mask uint64) { pages += bits.OnesCount64(s[i] & mask) })
	return pages
}

// run returns the first run of pages at or after a page, regionPages if there is none.
func (s *pageSet) run(from int) (begin, end int) {
	begin = s.next(from, 0)
	return begin, s.next(begin, ^uint64(0))
}

// begin returns the first page of the run that a page belongs to.
func (s *pageSet) begin(of int) int {
	for i := of / 64; i >= 0; i-- {
		w := ^s[i]
		if i == of/64 {
			w &= ^uint64(0) >> (63 - of%64)
		}
		if w != 0 {
			return i*64 + bits.Len64(w)
		}
	}
	return 0
}

// next returns the first page at or after one whose bit, exclusive or flip, is set.
func (s *pageSet) next(from int, flip uint64) int {
	for i := from / 64; i < len(s); i++ {
		w := s[i] ^ flip
		if i == from/64 {
			w &= ^uint64(0) << (from % 64)
		}
		if w != 0 {
			return i*64 + bits.TrailingZeros64(w)
		}
	}
	return regionPages
}

// eachWord calls f for each word of a bit set that has bits from first to first+n.
func eachWord(first, n uint, f func(i uint, mask uint64)) {
	for end := first + n; first < end; {
		k := min(64-first%64, end-first)
		f(first/64, ^uint64(0)>>(64-k)<<(first%64))
		first += k
	}
}
