//go:build linux && (amd64 || arm64)

package buffer

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// cutMap returns a mapping of a file that has become empty.
func cutMap(t *testing.T, p *Pool) *Buf {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, make([]byte, 5000), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := p.Map(f, 0, 5000)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Release)
	if err := os.Truncate(name, 0); err != nil {
		t.Fatal(err)
	}
	return b
}

// faults tells whether the first byte of a file's pages can be read, when the file is empty and mapped by somebody else.
func faults(t *testing.T) (err error) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "other"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	mem, err := unix.Mmap(int(f.Fd()), 0, 4096, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(mem)
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if e, ok := recover().(error); ok {
			err = e
		}
	}()
	if mem[0] != 0 {
		t.Error("not zero either")
	}
	return nil
}

// TestMapOtherFaults: what is not about our pages is for the handler of the Go runtime, as before.
func TestMapOtherFaults(t *testing.T) {
	var p Pool
	b := cutMap(t, &p)
	if b.At(0) != 0 || b.Err() == nil {
		t.Fatal("not cut")
	}
	var fault runtime.Error
	if err := faults(t); !errors.As(err, &fault) {
		t.Errorf("a fault elsewhere: %v", err)
	}
	if b.At(4999) != 0 {
		t.Error("not zero")
	}
}

// TestMapNotify: package os/signal does not take SIGBUS away from us.
func TestMapNotify(t *testing.T) {
	var p Pool
	b := cutMap(t, &p)
	var before, after sigaction
	if err := setAction(nil, &before); err != nil {
		t.Fatal(err)
	}
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGBUS)
	signal.Stop(c)
	signal.Ignore(syscall.SIGBUS)
	signal.Reset(syscall.SIGBUS)
	signal.Notify(c)
	defer signal.Stop(c)
	if err := setAction(nil, &after); err != nil {
		t.Fatal(err)
	}
	if before != after {
		t.Errorf("the handler was %+v, and is %+v", before, after)
	}
	if b.At(0) != 0 {
		t.Error("not zero")
	}
}

// TestMapReplaced: another handler takes the place of ours, which goes before it at the next Map: and it gets what is not about our
// pages. When that has happened twice Map fails. In a process of its own, whose handlers do not matter.
func TestMapReplaced(t *testing.T) {
	if os.Getenv("BUFFER_TEST_REPLACED") == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestMapReplaced$", "-test.v")
		cmd.Env = append(os.Environ(), "BUFFER_TEST_REPLACED=1")
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "all as it should be") {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	var golang sigaction
	if err := setAction(nil, &golang); err != nil {
		t.Fatal(err)
	}
	var p Pool
	first := cutMap(t, &p)
	if first.At(0) != 0 {
		t.Error("not zero")
	}
	if err := setAction(&golang, nil); err != nil {
		t.Fatal(err)
	}
	second := cutMap(t, &p)
	if second.At(0) != 0 || first.At(4999) != 0 {
		t.Error("not zero")
	}
	if err := faults(t); err == nil {
		t.Error("a fault elsewhere was none")
	}
	if busHandler.installed != 2 {
		t.Errorf("installed %d times", busHandler.installed)
	}
	// One that goes on to our first entry, for what it does not know.
	busNext[1].Store(busEntry(0))
	third := cutMap(t, &p)
	if third.At(0) != 0 {
		t.Error("not zero")
	}
	if err := faults(t); err == nil {
		t.Error("a fault elsewhere was none")
	}
	if err := setAction(&golang, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Map(os.Stdin, 0, 0); !errors.Is(err, ErrNotRegular) && err != nil {
		t.Log(err)
	}
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, make([]byte, 10), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := p.Map(f, 0, 10); !errors.Is(err, errBusHandler) {
		t.Errorf("replaced twice: %v", err)
	}
	if Maps() != 3 || p.Live() != 3 {
		t.Errorf("%d maps, %d handles", Maps(), p.Live())
	}
	if !t.Failed() {
		t.Log("all as it should be")
	}
}

// TestMapTable: the handler finds its entry while others come and go, in the same addresses too.
func TestMapTable(t *testing.T) {
	var p Pool
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, make([]byte, 3*4096), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	stop := make(chan struct{})
	var others sync.WaitGroup
	for range 2 {
		others.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				b, err := p.Map(f, 0, 3*4096)
				if err != nil {
					t.Error(err)
					return
				}
				if !b.EqualBytes(make([]byte, 3*4096)) || b.Err() != nil {
					t.Error("other bytes, or", b.Err())
				}
				b.Release()
			}
		})
	}
	for range 300 {
		b := cutMap(t, &p)
		c := b.Clone()
		var readers sync.WaitGroup
		for i := range 2 {
			readers.Go(func() {
				if c := b.one.bytes()[i*4096%5000]; c != 0 {
					t.Error("not zero")
				}
			})
		}
		readers.Wait()
		if c.Err() == nil {
			t.Error("no error")
		}
		c.Release()
	}
	close(stop)
	others.Wait()
}
