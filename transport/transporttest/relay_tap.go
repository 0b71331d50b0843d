package transporttest

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/ropewalk/ropewalk/channel"
)

var relayTapCases = []behaviour{
	{"RelayTapFile", "a tap writes to a file what has passed, messages and streams, in order", relayTapFile},
	{"RelayTapAppends", "a file that is appended to, and a writer that is no file, get the same", relayTapAppends},
	{"RelayTapShared", "taps of both directions are apart, or one", relayTapShared},
	{"RelayTapSlow", "a tap that is slow makes the relay wait, and loses nothing", relayTapSlow},
	{"RelayTapDrops", "a tap that may drop makes nobody wait, and counts what it has dropped", relayTapDrops},
	{"RelayTapFails", "a tap that fails aborts the relay with its error", relayTapFails},
	{"RelayTapStalls", "a tap that takes nothing for too long aborts the relay", relayTapStalls},
}

// tap returns a tap that is closed when the case ends, at the latest by finish, which returns its error.
func (w *world) tap(to io.Writer, o channel.TapOptions) (t *channel.Tap, finish func() error) {
	t = channel.NewTap(to, o)
	finish = sync.OnceValue(t.Close)
	w.atEnd(func() { finish() })
	return t, finish
}

// mixed sends messages and streams from a to b, and returns what that was.
func (j *joint) mixed() []byte {
	j.w.Helper()
	var all []byte
	for round := range 9 {
		data := pattern(1+round*100, uint64(round))
		if round%3 == 2 {
			data = pattern(1_500_000+round, uint64(round))
		}
		j.both(data, []byte("seen"))
		all = append(all, data...)
	}
	return all
}

func relayTapFile(w *world) {
	f, err := os.Create(filepath.Join(w.TempDir(), "tap"))
	if err != nil {
		w.Fatal(err)
	}
	w.atEnd(func() { f.Close() })
	tap, finish := w.tap(f, channel.TapOptions{})
	j := w.relay(channel.RelayOptions{TapA: tap})
	want := j.mixed()
	j.finish(len(want), 36)
	if err := finish(); err != nil {
		w.Error(err)
	}
	if got, err := os.ReadFile(f.Name()); err != nil || !bytes.Equal(got, want) {
		w.Errorf("the tap has %d bytes (%v), which are not the %d that have passed", len(got), err, len(want))
	}
}

func relayTapAppends(w *world) {
	f, err := os.OpenFile(filepath.Join(w.TempDir(), "tap"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		w.Fatal(err)
	}
	w.atEnd(func() { f.Close() })
	f.WriteString("before")
	var memory bytes.Buffer
	for _, to := range []io.Writer{f, &memory} {
		tap, finish := w.tap(to, channel.TapOptions{})
		j := w.relay(channel.RelayOptions{TapA: tap})
		want := j.mixed()
		j.finish(len(want), 36)
		if err := finish(); err != nil {
			w.Error(err)
		}
		got := memory.Bytes()
		if to == f {
			want = append([]byte("before"), want...)
			got, err = os.ReadFile(f.Name())
		}
		if err != nil || !bytes.Equal(got, want) {
			w.Errorf("the tap has %d bytes (%v), which are not the %d that have passed", len(got), err, len(want))
		}
	}
}

func relayTapShared(w *world) {
	var a, b, both bytes.Buffer
	tapA, finishA := w.tap(&a, channel.TapOptions{})
	tapB, finishB := w.tap(&b, channel.TapOptions{})
	j := w.relay(channel.RelayOptions{TapA: tapA, TapB: tapB})
	want := j.mixed()
	j.finish(len(want), 36)
	finishA()
	finishB()
	if !bytes.Equal(a.Bytes(), want) || b.String() != "seenseenseenseenseenseenseenseenseen" {
		w.Errorf("the taps have %d and %d bytes, which are not the %d and 36 that have passed", a.Len(), b.Len(), len(want))
	}
	tap, finish := w.tap(&both, channel.TapOptions{})
	j = w.relay(channel.RelayOptions{TapA: tap, TapB: tap})
	for range 3 {
		j.a.sendText("ask")
		j.b.wantText("ask")
		j.b.sendText("say")
		j.a.wantText("say")
	}
	j.finish(9, 9)
	finish()
	if both.String() != "asksayasksayasksay" {
		w.Errorf("a tap of both directions has %q", both.String())
	}
}

// A gate is a writer that lets nothing through until it is opened.
type gate struct {
	bytes.Buffer
	open chan struct{}
	err  error
}

func (g *gate) Write(p []byte) (int, error) {
	<-g.open
	if g.err != nil {
		return 0, g.err
	}
	return g.Buffer.Write(p)
}

func relayTapSlow(w *world) {
	g := &gate{open: make(chan struct{})}
	tap, finish := w.tap(g, channel.TapOptions{Limit: 300_000})
	j := w.relay(channel.RelayOptions{TapA: tap})
	data := pattern(40<<20, 1)
	sent := j.a.sending(data)
	j.b.want(data[:300_000])
	j.b.sendText("the other direction goes on")
	j.a.wantText("the other direction goes on")
	never(w, "the whole stream", sent)
	close(g.open)
	j.b.want(data[300_000:])
	if err := await(w, "the stream", sent); err != nil {
		w.Fatal(err)
	}
	j.finish(len(data), 27)
	if err := finish(); err != nil || !bytes.Equal(g.Bytes(), data) {
		w.Errorf("the tap has %d bytes (%v), which are not those that have passed", g.Len(), err)
	}
}

func relayTapDrops(w *world) {
	g := &gate{open: make(chan struct{})}
	tap, finish := w.tap(g, channel.TapOptions{Limit: 300_000, Drop: true})
	j := w.relay(channel.RelayOptions{TapA: tap})
	data := pattern(20<<20, 1)
	j.both(data, []byte("."))
	close(g.open)
	j.a.endStream()
	j.b.wantEnd()
	j.b.endStream()
	j.a.wantEnd()
	r := await(w, "the end of the relay", j.ended)
	finish()
	if n := r.FromA.Untapped; n == 0 || n+int64(g.Len()) != int64(len(data)) || !bytes.Equal(g.Bytes(), data[:g.Len()]) {
		w.Errorf("the tap has %d bytes and %d were dropped, of %d that have passed", g.Len(), n, len(data))
	}
}

func relayTapFails(w *world) {
	for _, size := range []int{100, 8 << 20} {
		g := &gate{open: make(chan struct{}), err: errCause}
		tap, finish := w.tap(g, channel.TapOptions{Limit: 50})
		j := w.relay(channel.RelayOptions{TapA: tap})
		j.a.sending(pattern(size, 1))
		j.b.want(pattern(size, 1)[:50])
		close(g.open)
		w.eventually("the tap to fail", func() bool { return tap.Err() != nil })
		j.a.sending([]byte("more")) // which may find the channel closed
		j.b.wantGone()
		if err := j.result(-1, -1); !errors.Is(err, errCause) {
			w.Errorf("the relay has ended with %v, want the tap's error", err)
		}
		if err := finish(); err != errCause {
			w.Errorf("Tap.Close: %v, want the writer's error", err)
		}
	}
}

func relayTapStalls(w *world) {
	g := &gate{open: make(chan struct{})}
	tap, _ := w.tap(g, channel.TapOptions{Limit: 50, Patience: 50 * time.Millisecond})
	w.atEnd(func() {})
	j := w.relay(channel.RelayOptions{TapA: tap})
	j.a.sending(pattern(1<<20, 1))
	j.b.wantGone()
	j.a.wantGone()
	if err := j.result(-1, -1); err != channel.ErrTapStalled {
		w.Errorf("the relay has ended with %v, want ErrTapStalled", err)
	}
	close(g.open)
}
