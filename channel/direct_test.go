package channel_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// digits returns n bytes that differ from place to place.
func digits(n int) string {
	var s strings.Builder
	for i := 0; s.Len() < n; i++ {
		s.WriteByte(byte('0' + i%10))
		if i%10 == 9 {
			s.WriteByte(byte('a' + i/10%26))
			s.WriteByte(byte('A' + i/260%26))
			s.WriteByte(byte('A' + i/6760%26))
		}
	}
	return s.String()[:n]
}

// onDisk returns a file with a text, and its name.
func onDisk(t testing.TB, text string) (*channel.File, string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	file, err := channel.WholeFile(f)
	if err != nil {
		t.Fatal(err)
	}
	return file, name
}

// await lets workers and loop go on until something is the case.
func await(l *channeltest.Loop, f func() bool) {
	for !f() {
		l.Wait()
	}
}

// direct tells whether the file system of the tests does direct I/O: if not, they are about falling back.
func direct(t *testing.T) bool {
	l := channeltest.NewLoop(t)
	f, _ := onDisk(t, digits(5000))
	ready := false
	d := channel.NewDirect(l.Loop, nil, f, func() { ready = true })
	defer d.Release()
	p, err := d.Next()
	for p == nil && err == nil {
		await(l, func() bool { return ready })
		p, err = d.Next()
	}
	if err != nil {
		t.Fatal(err)
	}
	p.Release()
	t.Logf("direct I/O: %v", !d.Refused())
	return !d.Refused()
}

func TestDirect(t *testing.T) {
	direct(t)
	const size = 1_000_003
	text := digits(size)
	for _, r := range [][2]int{
		{0, size}, {1, size}, {4096, 8192}, {4095, 8193}, {262143, 262145}, {262144, size}, {size - 5000, size}, {size - 1, size},
		{300_000, 900_000}, {10, 10}, {0, 262144}, {0, 524288},
	} {
		for _, steps := range [][]channeltest.Step{nil, {channeltest.Always(channeltest.Take(50_000))}} {
			l := channeltest.NewLoop(t)
			c := l.Open(new(channeltest.Sink), channel.Options{}, steps...)
			whole, _ := onDisk(t, text)
			c.Do(func(ch *channel.Channel) {
				ch.Write(l.Buf("head"))
				ch.WriteFile(l.File("file"))
				if err := ch.WriteDirect(whole.Slice(int64(r[0]), int64(r[1]-r[0]))); err != nil {
					t.Error(err)
				}
				ch.Write(l.Buf("between"))
				ch.WriteDirect(whole.Slice(0, 100))
				ch.WriteFile(l.File("file"))
				ch.Write(l.Buf("tail"))
			})
			whole.Release()
			want := "headfile" + text[r[0]:r[1]] + "between" + text[:100] + "filetail"
			await(l, func() bool { return c.Wire.Total() >= int64(len(want)) })
			if got := c.Wire.Sent(); got != want {
				t.Errorf("%v: %d bytes, or others", r, len(got))
			}
			if n := c.Unsent(); n != 0 || c.Queued() != 0 {
				t.Errorf("%v: %d bytes are left", r, n)
			}
		}
	}
}

// A channel that closes sends the rest of a source first, and one that ends its stream too.
func TestDirectBeforeClose(t *testing.T) {
	const size = 700_000
	for _, end := range []func(*channel.Channel){
		func(ch *channel.Channel) { ch.Close(nil) },
		func(ch *channel.Channel) { ch.CloseWrite() },
	} {
		l := channeltest.NewLoop(t)
		c := l.Open(new(channeltest.Sink), channel.Options{})
		f, _ := onDisk(t, digits(size))
		c.Do(func(ch *channel.Channel) {
			ch.WriteDirect(f)
			end(ch)
		})
		await(l, c.Wire.Ended)
		if got := c.Wire.Sent(); got != digits(size) {
			t.Errorf("%d bytes were sent", len(got))
		}
	}
}

// A peer that takes nothing: no more is read than one block beside what is queued, and nothing is done meanwhile.
func TestDirectSlowPeer(t *testing.T) {
	if !direct(t) {
		return
	}
	const size, block = 4 << 20, 256 << 10
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{})
	f, _ := onDisk(t, digits(size))
	var w channel.Workers
	c.Stall()
	c.Do(func(ch *channel.Channel) {
		ch.WriteSource(channel.NewDirect(l.Loop, &w, f, ch.ResumeSource), f.Size())
	})
	for range 3 { // the first block, which is queued, the one behind it, and none
		idle(&w)
		l.Settle()
	}
	if n := c.Queued(); n != block+16<<10 {
		t.Errorf("%d bytes are queued", n)
	}
	if n := c.Unsent(); n != size {
		t.Errorf("%d bytes are not sent", n)
	}
	if n := l.Pool.Live(); n != 2 {
		t.Errorf("%d buffers", n)
	}
	if l.Timeout() == 0 {
		t.Error("the loop does not rest")
	}
	c.Unstall()
	await(l, func() bool { return c.Wire.Total() == size })
	if c.Wire.Sent() != digits(size) {
		t.Error("other bytes")
	}
}

// hold keeps all workers busy until proceed is closed.
func hold(w *channel.Workers) (proceed chan struct{}) {
	proceed = make(chan struct{})
	for range channel.MaxWorkers {
		w.Do(func() { <-proceed })
	}
	return proceed
}

// idle returns when all jobs are done that were there: when others, which came later, have all workers.
func idle(w *channel.Workers) {
	var all sync.WaitGroup
	all.Add(channel.MaxWorkers)
	for range channel.MaxWorkers {
		w.Do(func() { all.Done(); all.Wait() })
	}
	all.Wait()
}

// A channel that breaks while a block is being read, before it is, and while one has not been asked for; and a loop that ends.
func TestDirectBroken(t *testing.T) {
	for _, reads := range []int{0, 1, 2} {
		l := channeltest.NewLoop(t)
		c := l.Open(new(channeltest.Sink), channel.Options{})
		f, _ := onDisk(t, digits(1<<20))
		var w channel.Workers
		proceed := hold(&w)
		c.Stall()
		c.Do(func(ch *channel.Channel) {
			ch.WriteSource(channel.NewDirect(l.Loop, &w, f, ch.ResumeSource), f.Size())
		})
		if reads > 0 {
			close(proceed)
		}
		for range reads {
			idle(&w)
			l.Settle()
		}
		c.Break(io.ErrClosedPipe)
		if reads == 0 {
			close(proceed)
		}
		idle(&w) // there may be a block on its way that nobody wants any more
		l.Settle()
		if cause, closed := c.Told(); !closed || cause != io.ErrClosedPipe {
			t.Errorf("after %d blocks: %v", reads, cause)
		}
	}
}

func TestDirectLoopEnds(t *testing.T) {
	p := new(buffer.Pool)
	done := make(chan struct{})
	w := new(channel.Workers)
	proceed := hold(w)
	go func() {
		defer close(done)
		l := channel.NewLoop(channel.LoopConfig{Pool: p, Wake: func() {}})
		f, _ := onDisk(t, digits(100_000))
		d := channel.NewDirect(l, w, f, func() { t.Error("called") })
		if p, err := d.Next(); p != nil || err != nil {
			// Without direct I/O there is a File at once.
			if p != nil {
				p.Release()
			}
		}
		d.Release()
		l.Stop()
	}()
	<-done
	close(proceed)
	idle(w)
	if n := p.Live(); n > 0 {
		t.Errorf("%d buffers are live", n)
	}
}

// A file that becomes shorter ends the connection.
func TestDirectShrinks(t *testing.T) {
	for _, to := range []int64{0, 5000, 300_000} {
		l := channeltest.NewLoop(t)
		c := l.Open(new(channeltest.Sink), channel.Options{})
		f, name := onDisk(t, digits(1<<20))
		var w channel.Workers
		proceed := hold(&w)
		c.Do(func(ch *channel.Channel) {
			ch.WriteSource(channel.NewDirect(l.Loop, &w, f, ch.ResumeSource), f.Size())
		})
		if err := os.Truncate(name, to); err != nil {
			t.Fatal(err)
		}
		close(proceed)
		await(l, c.Wire.Closed)
		var op *channel.OpError
		if cause, _ := c.Told(); !errors.Is(cause, channel.ErrFileShrank) || !errors.As(cause, &op) || !c.Wire.Aborted() {
			t.Errorf("cut to %d: cause %v", to, cause)
		}
		if n := c.Wire.Total(); n > to {
			t.Errorf("cut to %d: %d bytes were sent", to, n)
		}
	}
}

// When there is no memory for a block, or the file system has no direct I/O, the file goes out without.
func TestDirectRefused(t *testing.T) {
	text := digits(1 << 20)
	l := channeltest.NewLoop(t, func(c *channel.LoopConfig) { c.Pool = &buffer.Pool{Limit: 128 << 10} })
	c := l.Open(new(channeltest.Sink), channel.Options{})
	f, _ := onDisk(t, text)
	d := channel.NewDirect(l.Loop, nil, f, func() {})
	c.Do(func(ch *channel.Channel) { ch.WriteSource(d, f.Size()) })
	if c.Wire.Sent() != text || len(c.Wire.Files()) == 0 || !d.Refused() {
		t.Errorf("%d bytes, %d files", c.Wire.Total(), len(c.Wire.Files()))
	}
	if runtime.GOOS != "linux" {
		return
	}
	version, err := os.ReadFile("/proc/version")
	if err != nil {
		t.Fatal(err)
	}
	proc, err := os.Open("/proc/version")
	if err != nil {
		t.Fatal(err)
	}
	defer proc.Close()
	fd, err := dup(proc)
	if err != nil {
		t.Fatal(err)
	}
	l = channeltest.NewLoop(t)
	c = l.Open(new(channeltest.Sink), channel.Options{})
	d = channel.NewDirect(l.Loop, nil, channel.AdoptFile(fd, "/proc/version", int64(len(version))), func() { c.ResumeSource() })
	c.Do(func(ch *channel.Channel) { ch.WriteSource(d, int64(len(version))) })
	await(l, func() bool { return c.Wire.Total() == int64(len(version)) })
	if c.Wire.Sent() != string(version) || !d.Refused() {
		t.Errorf("sent %q, refused: %v", c.Wire.Sent(), d.Refused())
	}
}

// A block costs no allocation; a file costs some.
func TestDirectAllocs(t *testing.T) {
	if !direct(t) {
		return
	}
	const block, more = 256 << 10, 64
	text := strings.Repeat("x", (1+more)*block)
	l := channeltest.NewLoop(t)
	c := l.Open(&channeltest.Sink{Quiet: true}, channel.Options{})
	c.Wire.Discard()
	whole, _ := onDisk(t, text)
	defer whole.Release()
	cost := func(n int64) float64 {
		return testing.AllocsPerRun(5, func() {
			end := c.Wire.Total() + n
			c.WriteDirect(whole.Slice(0, n))
			l.Settle()
			for c.Wire.Total() < end {
				l.Wait()
			}
		})
	}
	one, many := cost(block), cost((1+more)*block)
	if one > 12 || (many-one)/more > 0.25 { // the runtime makes a goroutine now and then
		t.Errorf("%v allocations for a file of one block, %v for one of %d", one, many, 1+more)
	}
}
