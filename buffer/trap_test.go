package buffer

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

// never is a reporter that must not be called.
func never(tb testing.TB) reporter {
	return func(f fault) bool {
		tb.Errorf("reported: %+v", f)
		return false
	}
}

func TestTrapPoison(t *testing.T) {
	var got []fault
	trap := newPoisonTrap(100, 2, func(f fault) bool {
		got = append(got, f)
		return false
	})
	first := trapAlloc(t, trap, 10)
	trap.free(first)
	if want := slices.Repeat([]byte{poison}, 10); !slices.Equal(first, want) {
		t.Errorf("freed memory is % x", first)
	}
	first[3] = 'x'
	first[4] = 'y'
	for range 2 {
		trap.free(trapAlloc(t, trap, 10))
	}
	want := []fault{{addr: uintptr(unsafe.Pointer(&first[3])), write: true, late: true}}
	if !slices.Equal(got, want) {
		t.Errorf("three blocks have been through a quarantine of two, and the reports are %+v; want %+v", got, want)
	}
	got = nil

	// The bound in bytes is 100.
	large := trapAlloc(t, trap, 100)
	trap.free(large)
	large[99] = 'x'
	trap.free(trapAlloc(t, trap, 1))
	if len(got) != 1 || got[0].addr != uintptr(unsafe.Pointer(&large[99])) {
		t.Errorf("reports are %+v", got)
	}
}

func TestTrapPoisonStops(t *testing.T) {
	trap := newPoisonTrap(0, 0, func(fault) bool { return true })
	mem := trapAlloc(t, trap, 8)
	trap.free(mem) // it leaves the quarantine at once, unharmed

	trap = newPoisonTrap(8, 1, func(fault) bool { return true })
	mem = trapAlloc(t, trap, 8)
	trap.free(mem)
	mem[0]++
	trapPanics(t, "written to after it was released", func() { trap.free(trapAlloc(t, trap, 8)) })
}

func TestTrapPoisonNotOut(t *testing.T) {
	trap := newPoisonTrap(100, 2, never(t))
	mem := trapAlloc(t, trap, 10)
	trap.free(mem)
	trapPanics(t, "not given out", func() { trap.free(mem) })
	trapPanics(t, "not given out", func() { trap.free(make([]byte, 1)) })
}

// TestTrapQuarantine compares with a quarantine that is counted anew each time.
func TestTrapQuarantine(t *testing.T) {
	q := quarantine{bytes: 50, blocks: 4}
	var model [][]byte
	for i := range 200 {
		mem := make([]byte, i*7%31)
		model = append(model, mem)
		out := q.add(mem)
		var gone [][]byte
		for {
			size := 0
			for _, m := range model {
				size += len(m)
			}
			if size <= 50 && len(model) <= 4 {
				break
			}
			gone, model = append(gone, model[0]), model[1:]
		}
		if len(out) != len(gone) {
			t.Fatalf("block %d drives out %d blocks, not %d", i, len(out), len(gone))
		}
		for j := range out {
			if unsafe.SliceData(out[j]) != unsafe.SliceData(gone[j]) {
				t.Fatalf("block %d drives out another one than the oldest", i)
			}
		}
	}
	if n := len(q.drain()); n != len(model) || len(q.add(make([]byte, 50))) != 0 {
		t.Errorf("%d blocks were drained, not %d, or their bytes are counted still", n, len(model))
	}
}

func trapAlloc(tb testing.TB, trap trap, n int) []byte {
	tb.Helper()
	mem, err := trap.alloc(n)
	if err != nil {
		tb.Fatal(err)
	}
	if len(mem) != n {
		tb.Fatalf("%d bytes instead of %d", len(mem), n)
	}
	for i, c := range mem {
		if c != 0 {
			tb.Fatalf("byte %d of fresh memory is %#x", i, c)
		}
	}
	return mem
}

func benchmarkTrap(b *testing.B, trap trap) {
	for _, c := range []struct {
		name string
		n    int
	}{{"64", 64}, {"64K", 64 << 10}} {
		for _, touch := range []bool{false, true} {
			name := c.name
			if touch {
				name += "/written"
			}
			b.Run(name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					mem, err := trap.alloc(c.n)
					if err != nil {
						b.Fatal(err)
					}
					if touch {
						for i := 0; i < len(mem); i += 4096 {
							mem[i] = 1
						}
					}
					trap.free(mem)
				}
			})
		}
	}
}

func BenchmarkTrapPoison(b *testing.B) {
	benchmarkTrap(b, newPoisonTrap(quarantineBytes, quarantineBlocks, never(b)))
}

func trapPanics(t *testing.T, text string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := fmt.Sprint(recover()); !strings.Contains(got, text) {
			t.Errorf("panic %q, want one with %q", got, text)
		}
	}()
	f()
}
