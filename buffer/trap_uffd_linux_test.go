//go:build amd64 && !race

package buffer

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func init() {
	trapPrograms["locked"] = func(t trap) {
		// The goroutine that hangs holds the trap's own lock.
		mem := stale(t)
		a := t.(*arenaTrap)
		a.mu.Lock()
		defer a.mu.Unlock()
		staleCopy(mem)
	}
	trapPrograms["twice"] = func(t trap) {
		mem := stale(t)
		defer func() { fmt.Println("recovered:", recover()) }()
		t.free(mem)
	}
}

func arenaWorks() error {
	a, err := newArena(1<<20, nil)
	if err == nil {
		a.close()
	}
	return err
}

// arenaHere tells whether this system has what an arena needs.
func arenaHere(t testing.TB) bool {
	err := arenaWorks()
	if err != nil {
		t.Logf("no arena on this system: %v", err)
	}
	return err == nil
}

func TestTrapArena(t *testing.T) {
	if !arenaHere(t) {
		return
	}
	for _, c := range []struct{ program, guilty, report string }{
		{"read", "staleRead", "write=false sealed=false late=false"},
		{"write", "staleWrite", "write=true sealed=false late=false"},
		{"copy", "staleCopy", "write=false sealed=false late=false"},
		{"copy into", "staleCopyInto", "write=true sealed=false late=false"},
		{"behind", "behind", "write=false sealed=false late=false"},
		{"sealed write", "sealedWrite", "write=true sealed=true late=false"},
		{"sealed copy", "sealedCopy", "write=true sealed=true late=false"},
		{"tight loop", "staleLoop", ""}, // reads, then writes: where it is caught is a matter of luck
		{"locked", "staleCopy", "write=false sealed=false late=false"},
		// Where the monitor cannot run, the guard steps in, and there is no report.
		{"collector/brisk", "staleCopy", ""},
		{"busy copy/brisk", "staleCopy", ""},
		{"many copies/brisk", "init", ""},
	} {
		for _, procs := range []string{"1", "2"} {
			t.Run(c.program+"/"+procs, func(t *testing.T) {
				t.Parallel()
				start := time.Now()
				out, code := child(t, c.program, "GOMAXPROCS="+procs)
				died(t, out, code, c.guilty, c.report)
				if !strings.Contains(out, "report: ") {
					if !strings.Contains(out, trapGuardNote) {
						t.Errorf("neither monitor nor guard says anything:\n%s", out)
					}
					t.Logf("ended by the guard after %v", time.Since(start))
				}
			})
		}
	}
}

func TestTrapArenaTwice(t *testing.T) {
	if !arenaHere(t) {
		return
	}
	out, code := child(t, "twice")
	if code != 0 || !strings.HasPrefix(out, "recovered: buffer: a trap got memory that it has not given out\nend\n") {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

func TestTrapArenaGuard(t *testing.T) {
	if !arenaHere(t) {
		return
	}
	out, code := child(t, "copy/hasty")
	died(t, out, code, "staleCopy", "")
	if !strings.Contains(out, trapGuardNote) {
		t.Errorf("nothing from the guard:\n%s", out)
	}
	// It may be allowed to write to sealed memory: the guard cannot tell.
	out, code = child(t, "sealed copy/hasty")
	if code != 0 || !strings.HasSuffix(out, "end\nPASS\n") || strings.Contains(out, trapGuardNote) {
		t.Errorf("a write to sealed memory: exit code %d\n%s", code, out)
	}
}

func TestTrapArenaLenient(t *testing.T) {
	if !arenaHere(t) {
		return
	}
	for program, want := range map[string]string{
		"read":         "report: write=false .*got: 0\nend\n",
		"write":        "report: write=true sealed=false .*end\n",
		"copy":         "report: write=false .*report: .*got: 5000\nend\n", // two pages
		"sealed write": "sealed: 1\nreport: write=true sealed=true .*end\n",
		"behind":       "report: .*got: 0\nend\n",
	} {
		out, code := child(t, program+"/lenient")
		if code != 0 || !regexp.MustCompile("(?s)"+want).MatchString(out) {
			t.Errorf("%s: exit code %d, want 0 and %q:\n%s", program, code, want, out)
		}
	}
}

// TestTrapArenaRing goes round a small arena many times, with some blocks that stay. No address may be used again before
// the arena has gone round, and no block may overlap with another one or the page behind it. There is no monitor: nothing faults.
func TestTrapArenaRing(t *testing.T) {
	if !arenaHere(t) {
		return
	}
	const pages = 200
	trap, err := newArena(pages*arenaPage, never(t))
	if err != nil {
		t.Fatal(err)
	}
	defer trap.close()
	var out [][]byte
	owner := make([]int, pages)
	seed := rand.New(rand.NewPCG(1, 2))
	last, rounds, full := uint(0), 0, 0
	for i := 1; i < 5000; i++ {
		if n := 1 + seed.IntN(5*arenaPage); len(out) < 30 || seed.IntN(2) == 0 {
			mem, err := trap.alloc(n)
			if err != nil {
				full++
			} else {
				for _, c := range mem {
					if c != 0 {
						t.Fatal("memory of an earlier block")
					}
				}
				first, k := trap.span(mem)
				if first < last {
					rounds++
				}
				last = first
				for p := first; p <= first+k; p++ {
					if owner[p] != 0 {
						t.Fatalf("block %d got page %d, which belongs to %d", i, p, owner[p])
					}
					owner[p] = i
				}
				for j := range mem {
					mem[j] = byte(i)
				}
				if seed.IntN(3) == 0 {
					trap.seal(mem)
				}
				out = append(out, mem)
				continue
			}
		}
		j := seed.IntN(len(out))
		mem := out[j]
		out[j] = out[len(out)-1]
		out = out[:len(out)-1]
		first, k := trap.span(mem)
		for p := first; p <= first+k; p++ {
			if byte(owner[p]) != mem[0] {
				t.Fatalf("block on page %d was changed", first)
			}
			owner[p] = 0
		}
		trap.free(mem)
	}
	if rounds < 10 || full == 0 {
		t.Errorf("%d rounds, %d times full", rounds, full)
	}
	for _, mem := range out {
		trap.free(mem)
	}
	for i, w := range trap.taken {
		if w != 0 || trap.open[i] != 0 || trap.sealed[i] != 0 {
			t.Errorf("word %d is %x %x %x in an empty arena", i, w, trap.open[i], trap.sealed[i])
		}
	}
	// The whole of it, but for the page behind, and no more.
	trap.free(must(trap.alloc((pages - 1) * arenaPage)))
	if _, err := trap.alloc(pages * arenaPage); err == nil {
		t.Error("a block without a page behind it")
	}
}

func TestTrapArenaParallel(t *testing.T) {
	if !arenaHere(t) {
		return
	}
	trap, err := newArena(1<<24, never(t))
	if err != nil {
		t.Fatal(err)
	}
	defer trap.close()
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range 2000 {
				mem := must(trap.alloc(1 + i*g*7%20000))
				for _, j := range []int{0, len(mem) - 1} {
					mem[j] = byte(g)
				}
				runtime.Gosched()
				if mem[0] != byte(g) || mem[len(mem)-1] != byte(g) {
					panic("somebody else has this memory")
				}
				trap.free(mem)
			}
		})
	}
	all.Wait()
}

func BenchmarkTrapArena(b *testing.B) {
	if !arenaHere(b) {
		return
	}
	trap, err := newArena(arenaSize, never(b))
	if err != nil {
		b.Fatal(err)
	}
	defer trap.close()
	benchmarkTrap(b, trap)
}
