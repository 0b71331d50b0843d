package codec_test

import (
	"errors"
	"io"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

func TestEOF(t *testing.T) {
	for _, c := range []struct {
		input, want string
		cause       error
	}{
		{"", "", nil},
		{frame("one"), "one", nil},
		{frame("one") + "\x03tw", "one", io.ErrUnexpectedEOF},
		{"\x03", "", io.ErrUnexpectedEOF},
	} {
		in := new(inbox)
		p := pipelinetest.Config{Options: channel.Options{Linger: -1}}.New(t, codec.Decode(short()), in)
		p.Feed(c.input)
		p.EOF()
		if !errors.Is(p.Cause(), c.cause) || (c.cause == nil) != (p.Cause() == nil) || in.String() != c.want {
			t.Errorf("%q: %q, %v", c.input, in, p.Cause())
		}
	}
}

// A decoder may ask whether more will follow.
func TestAtEOF(t *testing.T) {
	d := &decoder[*buffer.Buf]{f: func(r *buffer.Reader) (*buffer.Buf, error) {
		if !r.AtEOF() {
			r.Have(1 << 20)
		}
		return r.Take(r.Len()), r.Err()
	}}
	in := new(inbox)
	p := pipelinetest.New(t, codec.Decode(d), in)
	p.FeedEach("all of it")
	p.EOF()
	if in.String() != "all of it" || p.Cause() != nil || d.calls != 2 {
		t.Errorf("%q, %v, %d calls", in, p.Cause(), d.calls)
	}
}

// When the stream ends while the channel is halted the rest is delivered later, and its end is still noticed. The test calls
// the stage itself: an engine whose reading is off does not report the end.
func TestEOFWhileHalted(t *testing.T) {
	in := &inbox{pause: true}
	stage := codec.Decode(short())
	p := pipelinetest.New(t, stage, in)
	p.Feed(frame("one") + frame("two") + "\x05thr")
	if err := stage.(interface{ EOF() error }).EOF(); err != nil || in.String() != "one" {
		t.Errorf("%q, %v", in, err)
	}
	p.Do(func(ch *channel.Channel) { ch.SetReading(true) })
	p.Do(func(ch *channel.Channel) { ch.SetReading(true) })
	if err := p.Channel().Cause(); in.String() != "one|two" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%q, %v", in, err)
	}
}
