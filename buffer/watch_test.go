package buffer_test

import (
	"bytes"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
)

//go:noinline
//bufvet:ignore it leaks so that somebody finds it
func loseOne(a buffer.Allocator) {
	b := a.Alloc(100)
	b.PutString("a message")
	b.Touch("parsed")
	b.Touch("waits for the database")
}

//go:noinline
func makeForQueue(a buffer.Allocator) *buffer.Buf {
	b := a.Alloc(10)
	b.PutString("queued")
	return b
}

// TestLeakReport loses buffers and waits for the collector to find them.
func TestLeakReport(t *testing.T) {
	leaks := make(chan buffer.Leak, 10)
	pool := &buffer.Pool{LeakSample: 1, OnLeak: func(l buffer.Leak) { leaks <- l }}
	c := pool.NewCache()
	for range 5 { // those that are released must not be reported
		b := c.Alloc(10)
		b.Append(makeForQueue(c))
		b.Release()
	}
	loseOne(c)
	loseOne(pool)
	for range 2 {
		l := awaitLeak(t, leaks)
		said := l.String()
		for _, want := range []string{"was lost", "watch_test.go", "loseOne", "TestLeakReport", "parsed", "waits for the database, at "} {
			if !strings.Contains(said, want) {
				t.Errorf("the report does not say %q:\n%s", want, said)
			}
		}
		if l.Pool != pool || len(l.History.Notes) != 2 || l.History.End != "" {
			t.Errorf("%+v", l)
		}
	}
	if s := pool.Stats(); s.Leaks != 2 || s.Watched != 0 {
		t.Errorf("%d leaks, %d handles are watched", s.Leaks, s.Watched)
	}
	runtime.GC()
	c.Close()
	select {
	case l := <-leaks:
		t.Errorf("reported though it was not lost: %v", l)
	default:
	}
}

func awaitLeak(t *testing.T, leaks chan buffer.Leak) buffer.Leak {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		runtime.GC()
		select {
		case l := <-leaks:
			return l
		case <-deadline:
			t.Fatal("no leak was reported")
		case <-time.After(time.Millisecond):
		}
	}
}

// TestLeakLog checks what happens without OnLeak.
func TestLeakLog(t *testing.T) {
	var text lockedBuffer
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&text, nil)))
	defer slog.SetDefault(old)
	pool := &buffer.Pool{LeakSample: 1}
	loseOne(pool)
	for begin := time.Now(); pool.Stats().Leaks == 0 && time.Since(begin) < 20*time.Second; {
		runtime.GC()
	}
	for begin := time.Now(); time.Since(begin) < 20*time.Second; runtime.Gosched() {
		if said := text.String(); strings.Contains(said, "loseOne") && strings.Contains(said, "level=ERROR") {
			return
		}
	}
	t.Errorf("logged: %q", text.String())
}

// TestLeakSample loses many buffers of a pool that watches some.
func TestLeakSample(t *testing.T) {
	const sample, n = 10, 20_000
	leaks := make(chan buffer.Leak, n)
	pool := &buffer.Pool{LeakSample: sample, OnLeak: func(l buffer.Leak) { leaks <- l }}
	c := pool.NewCache()
	defer c.Close()
	for range n {
		c.Alloc(0)
	}
	c.Publish()
	// What is watched is decided by chance: n/sample, give or take. The bounds are seven standard deviations.
	if w := pool.Stats().Watched + int(pool.Stats().Leaks); w < 1700 || w > 2300 {
		t.Errorf("%d of %d are watched at one in %d", w, n, sample)
	}
	awaitLeak(t, leaks)
}

// TestNotes checks that the first and the latest notes are kept.
func TestNotes(t *testing.T) {
	pool := buffertest.Pool(t)
	b := pool.Alloc(10)
	for _, note := range strings.Split("abcdefghijklmno", "") {
		b.Touch(note)
	}
	all := pool.Watched()
	if len(all) != 1 {
		t.Fatalf("%d handles are watched", len(all))
	}
	got := ""
	for _, n := range all[0].Notes {
		got += n.Text
	}
	if got != "aijklmno" || all[0].Dropped != 7 {
		t.Errorf("notes %q, %d dropped", got, all[0].Dropped)
	}
	b.Release()
	plain := &buffer.Pool{LeakSample: -1}
	b = plain.Alloc(10)
	b.Touch("x")
	if n := len(plain.Watched()); n != 0 {
		t.Errorf("%d handles of a pool are watched that watches none", n)
	}
	b.Release()
}

// TestWatchingAllocatesNothing checks that watched handles are used again.
func TestWatchingAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	pool := &buffer.Pool{LeakSample: 1}
	buffertest.NoLeaks(t, pool)
	if n := testing.AllocsPerRun(1000, func() {
		b := pool.Alloc(10)
		b.Touch("note")
		b.Release()
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestPassedOn checks what is said about a handle in the wrong hands.
func TestPassedOn(t *testing.T) {
	pool := buffertest.Pool(t)
	c := pool.NewCache()
	defer c.Close()
	var q buffer.Queue
	b := makeForQueue(c)
	q.Push(c, b)
	said := panics(func() { b.Release() })
	for _, want := range []string{"use of a Buf that was passed on", "makeForQueue", "passed on to a queue by", "TestPassedOn"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in %q", want, said)
		}
	}
	q.Pop().Release()
	if said := panics(func() { b.Release() }); !strings.Contains(said, "released by") || strings.Contains(said, "queue") {
		t.Errorf("after it was taken back and released: %s", said)
	}
	o, b := c.Alloc(10), makeForQueue(c)
	o.PutUint8(1)
	o.Append(b)
	if said := panics(func() { b.PutUint8(1) }); !strings.Contains(said, "passed on to another Buf") {
		t.Errorf("after Append: %s", said)
	}
	o.Release()
}

// A lockedBuffer is a bytes.Buffer that several goroutines may use.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
