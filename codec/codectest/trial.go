package codectest

import (
	"errors"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// A trial is one decoder on one channel.
type trial[T any] struct {
	*scope
	lab  *lab
	spy  *spy[T]
	sink *sink[T]
	pipe *pipelinetest.Pipe
}

// join makes a trial on a loop.
func (s Subject[T]) join(sc *scope, l *channeltest.Loop) *trial[T] {
	tr := &trial[T]{scope: sc, spy: &spy[T]{Decoder: s.New(), t: sc}, sink: &sink[T]{sub: s}}
	tr.pipe = pipelinetest.Config{Loop: l, Options: channel.Options{Linger: -1}}.New(sc, codec.Decode[T](tr.spy), tr.sink)
	return tr
}

const (
	poison = 0xdb
	pad    = 24 // poisoned bytes on either side
	oneGo  = 8 << 10
)

// feed sends p as an engine would have read it, with poison around. Long input takes several reads.
func (tr *trial[T]) feed(p string) {
	for {
		n := min(len(p), oneGo)
		room, err := tr.pipe.Loop.Cache().ReceiveRoom()
		if err != nil {
			tr.Fatal(err)
		}
		fill(room[:pad+n+pad])
		copy(room[pad:], p[:n])
		front := tr.pipe.Loop.Cache().Received(pad)
		b := tr.pipe.Loop.Cache().Received(n)
		front.Release()
		tr.send(b)
		if p = p[n:]; p == "" {
			return
		}
	}
}

func (tr *trial[T]) send(b *buffer.Buf) {
	if b.Len() == 0 {
		b.Release() // no engine reports a read of nothing
		return
	}
	tr.sink.fed += b.Len()
	tr.pipe.FeedBuf(b)
}

// feedPieces sends p as one buffer of pieces of n bytes, each in memory of its own with poison around.
func (tr *trial[T]) feedPieces(p string, n int) { tr.send(pieces(tr.pipe.Loop, p, n)) }

func pieces(l *channeltest.Loop, p string, n int) *buffer.Buf {
	b := l.Cache().Alloc(0)
	for len(p) > 0 {
		m := min(n, len(p))
		mem := make([]byte, pad+m+pad)
		fill(mem)
		copy(mem[pad:], p[:m])
		b.Gather(buffer.Wrap(l.Cache(), mem[pad:pad+m], nil), 0)
		p = p[m:]
	}
	return b
}

func fill(p []byte) {
	for i := range p {
		p[i] = poison
	}
}

// feedCut sends p in several reads.
func (tr *trial[T]) feedCut(p string, cuts []int) {
	from := 0
	for _, to := range cuts {
		tr.feed(p[from:to])
		from = to
	}
	tr.feed(p[from:])
}

// eof ends the stream.
func (tr *trial[T]) eof() {
	tr.sink.fed = -1
	tr.pipe.EOF()
}

// resume lets the channel read again until nothing more comes of it.
func (tr *trial[T]) resume() {
	for n := -1; n != len(tr.sink.got) && !tr.pipe.Channel().Closing(); {
		n = len(tr.sink.got)
		tr.pipe.Do(func(ch *channel.Channel) { ch.SetReading(true) })
	}
}

// expect compares what was delivered, and why the channel was closed, with what should be.
func (tr *trial[T]) expect(want []string, cause error) {
	for i, m := range tr.sink.got {
		if i == len(want) {
			tr.Errorf("one message too many: %q", m.text)
			return
		}
		if m.text != want[i] {
			tr.Errorf("message %d is %q, not %q", i+1, m.text, want[i])
			return
		}
	}
	got := tr.pipe.Cause()
	var panicked *channel.PanicError
	switch {
	case errors.As(got, &panicked):
		tr.Errorf("panic: %v\n%s", panicked.Value, panicked.Stack)
	case !tr.pipe.Closed():
		tr.Errorf("the channel is still open: %d messages of %d have come", len(tr.sink.got), len(want))
	case cause == nil && got != nil:
		tr.Errorf("the channel was closed after %d messages of %d: %v", len(tr.sink.got), len(want), got)
	case !errors.Is(got, cause):
		tr.Errorf("the channel was closed because of %v, not %v", got, cause)
	case len(tr.sink.got) < len(want):
		tr.Errorf("message %d did not come: %q", len(tr.sink.got)+1, want[len(tr.sink.got)])
	}
}
