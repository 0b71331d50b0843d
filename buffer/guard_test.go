//bufvet:ignore the mistakes are what is tested

package buffer_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
)

// What a program does wrong, by name. Each runs in a child process, with a pool in checked mode.
var misuses = map[string]struct {
	run    func(c *buffer.Cache)
	want   []string // in the report, in this order
	race   bool     // is found under the race detector too, and without userfaultfd(2): by the handle, not by its memory
	shared bool     // the bytes are in use, and shared
}{
	"double release": {doubleRelease,
		[]string{"use of a released Buf", "made by", "makeOne", "released by", "letGo", "used by", "doubleRelease"}, true, false},
	"method after release": {methodAfterRelease,
		[]string{"use of a released Buf", "made by", "makeOne", "released by", "letGo", "used by", "methodAfterRelease"}, true, false},
	"foreign release": {foreignRelease,
		[]string{"use of a Buf that was passed on", "made by", "makeOne", "passed on to a queue by", "passOn", "used by", "foreignRelease"}, true, false},
	"release on another goroutine, of what was passed on": {foreignGoroutine,
		[]string{"use of a Buf that was passed on", "made by", "makeOne", "passed on to a queue by", "passOn", "used by", "foreignGoroutine"}, true, false},
	"use after append": {useAfterAppend,
		[]string{"use of a released Buf", "made by", "makeOne", "passed on to another Buf by", "useAfterAppend", "used by", "useAfterAppend"}, true, false},
	"stale read": {staleSliceRead,
		[]string{"buffer: read of byte 18 of a block", "after its release", "allocated by", "makeOne", "released by", "letGo",
			"unexpected fault address", "staleSliceRead"}, false, false},
	"stale write": {staleSliceWrite,
		[]string{"buffer: write of byte 18 of a block", "after its release", "allocated by", "makeOne", "released by", "letGo",
			"unexpected fault address", "staleSliceWrite"}, false, false},
	"stale read of received bytes": {staleReceived,
		[]string{"buffer: read of byte 0 of a block", "after its release", "allocated by", "staleReceived", "released by", "letGo",
			"unexpected fault address", "staleReceived"}, false, false},
	"stale view": {staleView,
		[]string{"buffer: read of byte", "after its release", "allocated by", "makeOne", "released by", "staleView",
			"unexpected fault address", "staleView"}, false, false},
	"write into shared bytes": {sharedWrite,
		[]string{"buffer: write of byte 18 of a block", "that several Bufs show", "allocated by", "makeOne", "shared by", "sharedWrite",
			"unexpected fault address", "sharedWrite"}, false, true},
	"write into sliced bytes": {slicedWrite,
		[]string{"buffer: write of byte", "that several Bufs show", "allocated by", "makeOne", "shared by", "slicedWrite",
			"unexpected fault address", "slicedWrite"}, false, true},
}

//go:noinline
func makeOne(c *buffer.Cache) *buffer.Buf {
	b := c.Alloc(100)
	b.PutString("0123456789")
	return b
}

//go:noinline
func letGo(b *buffer.Buf) { b.Release() }

//go:noinline
func passOn(c *buffer.Cache, b *buffer.Buf) *buffer.Queue {
	q := new(buffer.Queue)
	q.Push(c, b)
	return q
}

func doubleRelease(c *buffer.Cache) {
	b := makeOne(c)
	letGo(b)
	b.Release()
}

func methodAfterRelease(c *buffer.Cache) {
	b := makeOne(c)
	letGo(b)
	makeOne(c) // a fresh Buf must not take its place
	fmt.Println(b.Len())
}

func foreignRelease(c *buffer.Cache) {
	b := makeOne(c)
	passOn(c, b)
	b.Release()
}

func foreignGoroutine(c *buffer.Cache) {
	b := makeOne(c)
	passOn(c, b)
	done := make(chan bool)
	go func() {
		defer close(done)
		b.Release()
	}()
	<-done
}

func useAfterAppend(c *buffer.Cache) {
	a, b := makeOne(c), makeOne(c)
	a.Append(b)
	b.PutUint8(1)
}

func staleSliceRead(c *buffer.Cache) {
	b := makeOne(c)
	p := b.Bytes()
	letGo(b)
	fmt.Println(p[2])
}

func staleSliceWrite(c *buffer.Cache) {
	b := makeOne(c)
	p := b.Bytes()
	letGo(b)
	p[2] = 'x'
}

func staleReceived(c *buffer.Cache) {
	room, err := c.ReceiveRoom()
	if err != nil {
		panic(err)
	}
	b := c.Received(copy(room, "from a socket"))
	p := b.Bytes()
	letGo(b)
	// Where goroutines cannot be told apart, the loop lets go of the block with its next read.
	if _, err := c.ReceiveRoom(); err != nil {
		panic(err)
	}
	fmt.Println(p[0])
}

func staleView(c *buffer.Cache) {
	b := makeOne(c)
	o := b.Slice(3, 6)
	b.Release()
	p := o.Bytes()
	o.Release()
	fmt.Println(p[0])
}

func sharedWrite(c *buffer.Cache) {
	b := makeOne(c)
	p := b.Bytes()
	o := b.Clone()
	p[2] = 'x'
	fmt.Println(o.At(2))
}

func slicedWrite(c *buffer.Cache) {
	b := makeOne(c)
	o := b.Slice(4, 8)
	o.Bytes()[1] = 'x'
}

// TestMisuse checks that checked mode stops a program at each misuse, and what it says.
func TestMisuse(t *testing.T) {
	for name, m := range misuses {
		t.Run(name, func(t *testing.T) {
			out, code := misuse(t, name)
			if raceEnabled && !m.race {
				if code != 0 {
					t.Errorf("exit code %d\n%s", code, out)
				}
				return
			}
			if runtime.GOARCH != "amd64" && !m.race { // no report, see mapTrap, and no seals
				if m.shared {
					return
				}
				m.want = m.want[len(m.want)-2:]
			}
			if code != 2 {
				t.Errorf("exit code %d, want 2", code)
			}
			rest := out
			for _, want := range m.want {
				_, after, ok := strings.Cut(rest, want)
				if !ok {
					t.Fatalf("no %q where it should be:\n%s", want, out)
				}
				rest = after
			}
		})
	}
}

// misuse runs TestMisuseChild in a process of its own.
func misuse(t *testing.T, name string) (out string, code int) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, "-test.run=^TestMisuseChild$")
	cmd.Env = append(os.Environ(), "MISUSE_CHILD="+name, "GOTRACEBACK=single")
	if _, ok := misuses[name]; ok && len(name)%2 == 0 { // half of them by the environment, half by the configuration
		cmd.Env = append(cmd.Env, buffer.Environment+"=checked=1")
	}
	text, err := cmd.CombinedOutput()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(text), cmd.ProcessState.ExitCode()
}

// TestMisuseChild is what the child processes run.
func TestMisuseChild(t *testing.T) {
	name, ok := os.LookupEnv("MISUSE_CHILD")
	if !ok {
		return
	}
	if m, ok := misuses[name]; ok {
		pool := &buffer.Pool{Checked: len(name)%2 != 0}
		m.run(pool.NewCache())
		return
	}
	pool := new(buffer.Pool)
	for range 50 { // the detector may miss a single one
		racy[name](pool)
	}
}

// TestCheckedUse does what is allowed, though it looks like misuse: nothing must be reported.
func TestCheckedUse(t *testing.T) {
	pool := &buffer.Pool{Checked: true}
	c := pool.NewCache()
	b := makeOne(c)
	o := b.Clone()
	b.SetAt(2, 'x') // a method may
	if o.At(2) != 'x' {
		t.Error("a change is not seen through the other handle")
	}
	o.Release()
	b.Bytes()[3] = 'y' // the only handle
	o = b.Clone()
	o.Release()
	b.Bytes()[3] = 'z' // again

	rest := b.Split(5) // two handles on one block, that share no bytes
	o = rest.Slice(0, 2)
	b.Bytes()[0] = 'w'
	rest.Bytes()[4] = 'w'
	p := b.Tail(10) // room is the last handle's
	copy(p, "0123456789")
	b.Commit(10)
	b.PrependUint32(7)
	rest.PrependUint32(8)
	o.Release()
	rest.Append(b)
	if got := rest.Text(0, rest.Len()); got != "\x00\x00\x00\x0801xzw\x00\x00\x00\x07w67890123456789" {
		t.Errorf("%q", got)
	}
	rest.Release()

	// A handle that shows something else shares no more.
	for name, move := range map[string]func(o *buffer.Buf){
		"Own":      func(o *buffer.Buf) { o.Own() },
		"Discard":  func(o *buffer.Buf) { o.Discard(o.Len()) },
		"Truncate": func(o *buffer.Buf) { o.Truncate(0) },
		"Split":    func(o *buffer.Buf) { o.Split(50).Release() },
		"refilled": func(o *buffer.Buf) { o.Truncate(0); o.PutString("x") },
		"passed on": func(o *buffer.Buf) {
			x := c.Alloc(2000)
			x.PutZero(2000)
			x.Append(o.Slice(0, 10))
			x.Release()
			o.Own()
		},
		"both change": func(o *buffer.Buf) { o.Truncate(10); o.Discard(5) },
	} {
		b := c.Alloc(4000)
		b.PutZero(4000)
		o := b.Slice(0, 100)
		move(o)
		b.Bytes()[0] = 1
		if b.At(0) != 1 {
			t.Error(name)
		}
		o.Release()
		b.Release()
	}

	// A system call writes to room while another handle is sliced.
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b = makeOne(c)
	o = b.Clone()
	room := b.Tail(10)
	x := o.Slice(0, 3)
	fmt.Fprint(w, "from a pipe")
	w.Close()
	if n, err := r.Read(room[:10]); n != 10 || err != nil {
		t.Errorf("read into room: %d, %v", n, err)
	}
	b.Commit(10)
	x.Release()
	o.Release()
	b.Release()
	c.Close()
	if n := pool.Live(); n != 0 {
		t.Errorf("%d buffers are live", n)
	}
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
	if n := pool.Held(); n != 0 {
		t.Errorf("%d bytes are held", n)
	}
}

// What is a data race on bytes of buffers. The race detector must see each.
var racy = map[string]func(p *buffer.Pool){
	"two writers": func(p *buffer.Pool) {
		b := p.Alloc(100)
		b.PutString("0123456789")
		q := b.Bytes()
		done := make(chan bool)
		go func() {
			q[3] = 1
			close(done)
		}()
		q[3] = 2
		<-done
		b.Release()
	},
	"reader after release": func(p *buffer.Pool) {
		b := p.Alloc(100)
		b.PutString("0123456789")
		q := b.Bytes()
		done := make(chan byte)
		go func() { done <- q[3] }()
		b.Release()
		<-done
	},
	"writer while the kernel reads": func(p *buffer.Pool) {
		c := p.NewCache()
		b := c.Alloc(100)
		b.PutString("0123456789")
		p1 := b.Bytes()
		var q buffer.Queue
		q.Push(c, b)
		done := make(chan bool)
		go func() {
			p1[3] = 1
			close(done)
		}()
		q.Vectors(nil, 10, 1000)
		<-done
		q.Clear()
	},
}

// TestRacesAreSeen checks that the race detector sees the bytes of buffers.
func TestRacesAreSeen(t *testing.T) {
	for name := range racy {
		out, code := misuse(t, name)
		seen := strings.Contains(out, "DATA RACE") && code != 0
		if seen != raceEnabled {
			t.Errorf("%s: exit code %d\n%s", name, code, out)
		}
	}
}
