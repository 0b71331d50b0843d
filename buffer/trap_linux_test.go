//go:build !race

package buffer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What a trap does to a program can only be seen from outside: these run in processes of their own, see TestTrapChild. They
// print what is to be seen; what they were given is stopped by the trap, or they end by themselves.
var trapPrograms = map[string]func(trap){
	"read":      func(t trap) { staleRead(stale(t)) },
	"write":     func(t trap) { staleWrite(stale(t)) },
	"copy":      func(t trap) { staleCopy(stale(t)) },
	"copy into": func(t trap) { staleCopyInto(stale(t)) },
	"behind":    func(t trap) { behind(must(t.alloc(64))) },
	"sealed write": func(t trap) {
		mem := must(t.alloc(5000))
		mem[4999] = 1
		t.seal(mem)
		fmt.Println("sealed:", mem[4999])
		sealedWrite(mem)
	},
	"sealed copy": func(t trap) {
		mem := must(t.alloc(5000))
		t.seal(mem)
		sealedCopy(mem)
	},
	"seal": func(t trap) {
		mem := must(t.alloc(10000))
		t.seal(mem)
		_ = bytes.IndexByte(mem, 'x')
		t.unseal(mem)
		mem[0], mem[9999] = 1, 2
		t.seal(mem)
		fmt.Println("sealed:", mem[0], mem[9999])
		t.free(mem)
	},
	"system calls": systemCalls,
	"busy copy": func(t trap) {
		// All Ps are busy, and the collector wants to stop the world all the time.
		for range runtime.GOMAXPROCS(0) + 2 {
			go func() {
				for n := 0; ; n++ {
					waste = make([]byte, 1<<10)
				}
			}()
		}
		go func() {
			for {
				runtime.GC()
			}
		}()
		mem := stale(t)
		for range 50 {
			runtime.Gosched()
		}
		staleCopy(mem)
	},
	"collector": func(t trap) {
		go func() {
			for {
				runtime.GC()
			}
		}()
		runtime.Gosched()
		staleCopy(stale(t))
	},
	"many copies": func(t trap) {
		// More accesses hang than there are Ps, and none of them can be preempted.
		mem := must(t.alloc(4096))
		var ready sync.WaitGroup
		for range runtime.GOMAXPROCS(0) + 1 {
			ready.Add(1)
			go func() {
				to := make([]byte, 4096)
				ready.Done()
				for {
					copy(to, mem)
				}
			}()
		}
		ready.Wait()
		t.free(mem)
		select {}
	},
	"tight loop": func(t trap) {
		mem := must(t.alloc(64))
		ready := make(chan bool)
		go staleLoop(mem, ready)
		<-ready
		t.free(mem)
		select {}
	},
	"recover": func(t trap) {
		recovers(stale(t))
		for range 3 << 10 { // goes round three times
			mem := must(t.alloc(12 << 10))
			for i := range mem {
				mem[i]++
			}
			t.free(mem)
		}
	},
}

// trapKinds are the suffixes of programs for the traps of this system.
func trapKinds() []string {
	if arenaWorks() == nil {
		return []string{"", "/map"}
	}
	return []string{"/map"}
}

var waste []byte

func must(mem []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return mem
}

func stale(t trap) []byte {
	mem := must(t.alloc(5000))
	mem[0], mem[4999] = 1, 2
	t.free(mem)
	return mem
}

//go:noinline
func staleRead(mem []byte) { fmt.Println("got:", mem[4321]) }

//go:noinline
func staleWrite(mem []byte) { mem[4321] = 7 }

//go:noinline
func staleCopy(mem []byte) { fmt.Println("got:", copy(make([]byte, 5000), mem)) }

//go:noinline
func staleCopyInto(mem []byte) { copy(mem, make([]byte, 5000)) }

func recovers(mem []byte) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		addr := recover().(interface{ Addr() uintptr }).Addr()
		fmt.Println("recovered:", addr-uintptr(unsafe.Pointer(&mem[0])))
	}()
	staleRead(mem)
}

//go:noinline
func behind(mem []byte) { fmt.Println("got:", *(*byte)(unsafe.Add(unsafe.Pointer(&mem[0]), 4096+17))) }

//go:noinline
func sealedWrite(mem []byte) { mem[4321] = 7 }

//go:noinline
func sealedCopy(mem []byte) { copy(mem, make([]byte, 5000)) }

//go:noinline
func staleLoop(mem []byte, ready chan bool) {
	for n := 0; ; n++ {
		mem[n&7]++
		if n == 1000 {
			ready <- true
		}
	}
}

// systemCalls shows that the kernel may read into and write from blocks in use, and fails with those that are not.
func systemCalls(t trap) {
	var p [2]int
	if err := unix.Pipe(p[:]); err != nil {
		panic(err)
	}
	mem := must(t.alloc(20000))
	if _, err := unix.Write(p[1], []byte("hello")); err != nil {
		panic(err)
	}
	n, err := unix.Read(p[0], mem[8190:])
	fmt.Printf("read: %q %v\n", mem[8190:][:n], err)
	n, err = unix.Write(p[1], mem[8190:][:5])
	fmt.Println("write:", n, err)
	t.seal(mem)
	n, err = unix.Read(p[0], mem)
	fmt.Println("read into sealed memory:", n, err)
	t.free(mem)
	n, err = unix.Write(p[1], mem)
	fmt.Println("write of freed memory:", n, err)
	if _, err := unix.Write(p[1], []byte("again")); err != nil {
		panic(err)
	}
	n, err = unix.Read(p[0], mem)
	fmt.Println("read into freed memory:", n, err)
	fmt.Println(n, errors.Is(err, syscall.EFAULT))
}

// TestTrapChild is what child processes run.
func TestTrapChild(t *testing.T) {
	name, kind, _ := strings.Cut(os.Getenv("TRAP_CHILD"), "/")
	if name == "" {
		return
	}
	report := func(f fault) bool {
		// As long as a report that looks something up.
		fmt.Fprintf(os.Stderr, "report: write=%v sealed=%v late=%v at %#x\n", f.write, f.sealed, f.late, f.addr)
		return kind != "lenient"
	}
	var trap trap
	var err error
	switch kind {
	case "map":
		trap = newMapTrap(quarantineBytes, quarantineBlocks)
	case "brisk":
		trap, err = newArenaTrap(1<<24, 200*time.Millisecond, report)
	case "hasty": // the guard steps in at once
		trap, err = newArenaTrap(1<<24, time.Nanosecond, func(fault) bool { select {} })
	default:
		trap, err = newArenaTrap(1<<24, arenaPatience, report)
	}
	if err != nil {
		t.Fatal(err)
	}
	trapPrograms[name](trap)
	fmt.Println("end")
}

// child runs a program of trapPrograms.
func child(t *testing.T, program string, env ...string) (out string, code int) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, exe, "-test.run=^TestTrapChild$")
	cmd.Env = append(append(os.Environ(), "TRAP_CHILD="+program, "GOTRACEBACK=single"), env...)
	text, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("%s %v hangs:\n%s", program, env, text)
	}
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(text), cmd.ProcessState.ExitCode()
}

// died checks how a child ended: Go's crash in the guilty function, after a report.
func died(t *testing.T, out string, code int, guilty, report string) {
	t.Helper()
	crash := regexp.MustCompile(`(?s)unexpected fault address (0x[0-9a-f]+)\n.*goroutine \d+ .*buffer\.` + guilty)
	m := crash.FindStringSubmatchIndex(out)
	if code != 2 || m == nil {
		t.Fatalf("exit code %d, and no crash in %s:\n%s", code, guilty, out)
	}
	addr := out[m[2]:m[3]]
	if report != "" && !strings.Contains(out[:m[0]], "report: "+report+" at "+addr+"\n") {
		t.Errorf("no report %q for %s before the crash:\n%s", report, addr, out)
	}
}

// TestTrapHarmless runs what does not end with a crash, with both kinds of traps.
func TestTrapHarmless(t *testing.T) {
	for _, kind := range trapKinds() {
		out, code := child(t, "seal"+kind)
		if code != 0 || !strings.HasPrefix(out, "sealed: 1 2\nend\n") {
			t.Errorf("seal%s: exit code %d\n%s", kind, code, out)
		}
		out, code = child(t, "system calls"+kind)
		sealed := "-1 bad address"
		if kind == "/map" {
			sealed = "5 <nil>" // it has no seals
		}
		want := "read: \"hello\" <nil>\n" +
			"write: 5 <nil>\n" +
			"read into sealed memory: " + sealed + "\n" +
			"write of freed memory: -1 bad address\n" +
			"read into freed memory: -1 bad address\n"
		if code != 0 || !strings.HasPrefix(out, want) {
			t.Errorf("system calls%s: exit code %d\n%s", kind, code, out)
		}
	}
	for _, kind := range trapKinds() {
		want := "^(report: write=false sealed=false late=false at 0x[0-9a-f]+\n)?recovered: 4321\nend\n"
		out, code := child(t, "recover"+kind)
		if code != 0 || !regexp.MustCompile(want).MatchString(out) || (kind == "") != strings.HasPrefix(out, "report") {
			t.Errorf("recover%s: exit code %d\n%s", kind, code, out)
		}
	}
}

func TestTrapMap(t *testing.T) {
	for program, guilty := range map[string]string{
		"read": "staleRead", "write": "staleWrite", "copy": "staleCopy", "copy into": "staleCopyInto",
		"tight loop": "staleLoop", "many copies": "init",
	} {
		out, code := child(t, program+"/map")
		died(t, out, code, guilty, "")
	}
}

func TestTrapMapQuarantine(t *testing.T) {
	trap := newMapTrap(100<<10, 1000)
	for i := range 100 {
		trap.free(trapAlloc(t, trap, i*1000))
	}
	if n := trap.queue.size; n > 100<<10 || n == 0 {
		t.Errorf("%d bytes are in quarantine", n)
	}
	for _, old := range trap.queue.drain() {
		unmapRange(old)
	}
}

func BenchmarkTrapMap(b *testing.B) {
	benchmarkTrap(b, newMapTrap(quarantineBytes, quarantineBlocks))
}
