package buffer

import (
	"math/rand/v2"
	"testing"
)

// TestRuns takes and gives back runs of pages, and compares with a list of bools.
func TestRuns(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	p := &Pool{Limit: -1, TrimAfter: -1}
	defer p.Close()
	p.Alloc(0).Release() // prepare
	type run struct {
		r        *region
		first, n int
	}
	var runs []run
	used := make(map[*region]*[regionPages]bool)
	for step := range 20_000 {
		if len(runs) > 0 && r.IntN(100) < 49 {
			i := r.IntN(len(runs))
			x := runs[i]
			runs[i] = runs[len(runs)-1]
			runs = runs[:len(runs)-1]
			p.putRun(x.r, x.first, x.n)
			for k := range x.n {
				used[x.r][x.first+k] = false
			}
		} else {
			n := 1 + r.IntN(1<<r.IntN(9))
			from, at, err := p.takeRun(n)
			if err != nil {
				t.Fatal(err)
			}
			if used[from] == nil {
				used[from] = new([regionPages]bool)
			}
			// The first fit, in the first region that has one.
			for _, reg := range p.regions {
				if want := firstFit(used[reg], n); want >= 0 && (reg != from || want != at) {
					t.Fatalf("step %d: a run of %d pages at %d, would fit at %d (same region: %v)", step, n, at, want, reg == from)
				}
				if reg == from {
					break
				}
			}
			for k := range n {
				if used[from][at+k] {
					t.Fatalf("page %d is in use", at+k)
				}
				used[from][at+k] = true
			}
			runs = append(runs, run{from, at, n})
		}
		if r.IntN(500) == 0 {
			p.decommitAged()
		}
		if r.IntN(2000) == 0 {
			p.decommit()
			for reg := range used {
				if reg.nfree == regionPages {
					delete(used, reg)
				}
			}
		}
		var held, loose int64
		for _, reg := range p.regions {
			nfree, empty := 0, reg.empty.count(0, regionPages)
			for _, in := range used[reg] {
				if !in {
					nfree++
				}
			}
			if nfree != reg.nfree {
				t.Fatalf("step %d: %d pages are free, want %d", step, reg.nfree, nfree)
			}
			held += int64(regionPages-empty) * page
			loose += int64(nfree-empty) * page
		}
		if held != p.held || loose != p.loose {
			t.Fatalf("step %d: %d bytes are held and %d loose, want %d and %d", step, p.held, p.loose, held, loose)
		}
	}
	for _, x := range runs {
		p.putRun(x.r, x.first, x.n)
	}
	p.decommit()
	if p.held != 0 || p.loose != 0 || len(p.regions) != 0 {
		t.Errorf("%d bytes held, %d loose, %d regions at the end", p.held, p.loose, len(p.regions))
	}
}

// firstFit returns where n pages in a row are not used, -1 if nowhere, or if the region was not fresh.
func firstFit(used *[regionPages]bool, n int) int {
	if used == nil {
		return -1
	}
	have := 0
	for i, in := range used {
		if have++; in {
			have = 0
		}
		if have == n {
			return i - n + 1
		}
	}
	return -1
}
