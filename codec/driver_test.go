package codec_test

import (
	"errors"
	"strings"
	"testing"
	"unsafe"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// While the channel is halted nothing is delivered; what had been read is kept, and delivered when it goes on.
func TestHalted(t *testing.T) {
	in := &inbox{pause: true}
	p := pipelinetest.New(t, codec.Decode(short()), in)
	p.Feed(frame("one") + frame("two") + frame("three") + "\x04fo")
	for _, want := range []string{"one", "one|two", "one|two|three"} {
		if in.String() != want {
			t.Fatalf("%q, not %q", in, want)
		}
		p.Do(func(ch *channel.Channel) { ch.SetReading(true) })
	}
	p.Do(func(ch *channel.Channel) { ch.SetReading(true) })
	p.Feed("ur" + frame("five"))
	// A burst of several reads may go on for a while when reading is off.
	p.Conn.Received(p.Loop.Received(frame("six")))
	p.Conn.ReceivedEnd()
	if in.String() != "one|two|three|four" {
		t.Errorf("%q", in)
	}
	for range 3 {
		p.Do(func(ch *channel.Channel) { ch.SetReading(true) })
	}
	if in.String() != "one|two|three|four|five|six" {
		t.Errorf("%q", in)
	}
}

// A peer that takes no replies gets no more of its requests served than the queue holds.
func TestHaltedByFullQueue(t *testing.T) {
	c := pipelinetest.Config{Options: channel.Options{Marks: channel.Watermark{High: 64, Low: 32}}}
	p := c.New(t, codec.Frames(short()), echo())
	p.Stall()
	burst := strings.Repeat(frame("0123456"), 100)
	p.Feed(burst)
	if n := p.Channel().Queued(); n < 64 || n > 72 {
		t.Errorf("%d bytes queued", n)
	}
	p.Unstall()
	if got := p.Output(); got != burst {
		t.Errorf("%d bytes came back, of %d", len(got), len(burst))
	}
}

// The stages that replace the decoder's own read on where it has stopped.
func TestReplace(t *testing.T) {
	in := new(inbox)
	p := pipelinetest.New(t, codec.Frames(codec.Line{}.Framer()),
		pipeline.Serve(func(c *pipeline.Ctx[*buffer.Buf], m *buffer.Buf) error {
			m.Release()
			head := pipeline.Of(c.Channel()).Stages()[0]
			return c.ReplaceFrom(head, codec.Decode(short()), in)
		}))
	p.Feed("upgrade\n" + frame("one") + frame("two") + "\x05thr")
	p.Feed("ee")
	if in.String() != "one|two|three" {
		t.Errorf("%q", in)
	}
	p.Feed("\x05fo") // released at the end
}

func TestNoProgress(t *testing.T) {
	lazy := &decoder[*buffer.Buf]{f: func(r *buffer.Reader) (*buffer.Buf, error) { return r.Take(0), r.Err() }}
	p := pipelinetest.New(t, codec.Decode(lazy), new(inbox))
	p.Feed("x")
	if err := p.Channel().Cause(); err != codec.ErrNoProgress || lazy.calls != 1 {
		t.Errorf("%d calls, %v", lazy.calls, err)
	}
}

// An error closes the channel with that cause, after what was written before was sent.
func TestDecodeError(t *testing.T) {
	bad := errors.New("bad")
	d := &decoder[*buffer.Buf]{f: func(r *buffer.Reader) (*buffer.Buf, error) {
		m := r.Take(1)
		if m != nil && m.At(0) == '!' {
			return m, bad // what was taken is released
		}
		return m, r.Err()
	}}
	p := pipelinetest.Config{Options: channel.Options{Linger: -1}}.New(t, codec.Decode(d), echo())
	p.Feed("ab!c")
	if p.Cause() != bad || p.Output() != "ab" {
		t.Errorf("%v", p.Cause())
	}
}

// An error that a decoder made up because it did not look at r.Err does not count.
func TestShortBeforeError(t *testing.T) {
	d := &decoder[*buffer.Buf]{f: func(r *buffer.Reader) (*buffer.Buf, error) {
		if r.Uint16() != 'M'<<8|'M' {
			return nil, errors.New("not MM")
		}
		return r.Take(2), r.Err()
	}}
	in := new(inbox)
	p := pipelinetest.New(t, codec.Decode(d), in)
	p.FeedEach("MMabMMcd")
	if in.String() != "ab|cd" || p.Channel().Closing() {
		t.Errorf("%q %v", in, p.Channel().Cause())
	}
}

// What an attempt has taken is given back.
func TestRollback(t *testing.T) {
	type pair struct{ a, b *buffer.Buf }
	d := &decoder[pair]{f: func(r *buffer.Reader) (pair, error) {
		r.Peek(1)
		m := pair{r.Take(3), r.Take(3)}
		r.Next(2)
		return m, r.Err()
	}}
	var got []string
	p := pipelinetest.New(t, codec.Decode(d), pipeline.Serve(func(c *pipeline.Ctx[pipeline.None], m pair) error {
		got = append(got, m.a.Text(0, 3)+" "+m.b.Text(0, 3))
		m.a.Release()
		m.b.Release()
		return nil
	}))
	p.FeedEach("abcdef--ghijkl--mnopqr-")
	if d.calls != 11 || strings.Join(got, "|") != "abc def|ghi jkl" {
		t.Errorf("%d calls, %q", d.calls, got)
	}
}

// What was borrowed, also from several pieces, lives until the message was handled.
func TestBorrowed(t *testing.T) {
	d := &decoder[[]byte]{f: func(r *buffer.Reader) ([]byte, error) { return r.Next(6), r.Err() }}
	var got []string
	p := pipelinetest.New(t, codec.Decode(d), pipeline.Serve(func(c *pipeline.Ctx[pipeline.None], m []byte) error {
		other := c.Alloc(112) // as large as the copy of a few bytes
		other.WriteString("......")
		other.Release()
		got = append(got, string(m))
		return nil
	}))
	one := p.Buf("abc")
	one.Gather(buffer.Wrap(p.Loop.Cache(), []byte("defghi"), nil), 0)
	p.FeedBuf(one)
	p.Feed("jkl")
	if strings.Join(got, "|") != "abcdef|ghijkl" {
		t.Errorf("%q", got)
	}
}

// A decoder that panics loses its channel, and nothing leaks.
func TestDecodePanics(t *testing.T) {
	d := &decoder[*buffer.Buf]{f: func(r *buffer.Reader) (*buffer.Buf, error) {
		r.Take(2)
		panic("oops")
	}}
	p := pipelinetest.New(t, codec.Decode(d), new(inbox))
	p.Feed("abc")
	var cause *channel.PanicError
	if got := p.Loop.Panics(); len(got) != 1 || got[0] != "oops" || !errors.As(p.Channel().Cause(), &cause) {
		t.Errorf("%q, %v", got, p.Channel().Cause())
	}
}

// A small rest does not keep the block in place that it was read into.
func TestRestIsSmall(t *testing.T) {
	in := new(inbox)
	p := pipelinetest.New(t, codec.Decode(codec.LengthField{}.Framer()), in)
	place := func() *byte {
		room, err := p.Loop.Cache().ReceiveRoom()
		if err != nil {
			t.Fatal(err)
		}
		return unsafe.SliceData(room)
	}
	before := place()
	p.Feed("\x00\x00\x00\x02hi" + "\x00\x00\x20\x00" + strings.Repeat("x", 4000))
	if place() != before {
		t.Error("the rest still lies in the loop's block")
	}
	p.Feed(strings.Repeat("x", 4000))
	if place() != before {
		t.Error("what was added to the rest still lies in the loop's block")
	}
	p.Feed(strings.Repeat("x", 192))
	if len(in.got) != 2 || place() != before {
		t.Errorf("%d messages", len(in.got))
	}
}
