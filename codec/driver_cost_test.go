package codec_test

import (
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// A decoder is called again when it can succeed, not whenever a byte has come.
func TestCallsOfDecode(t *testing.T) {
	f := &counted{Framer: codec.LengthField{}.Framer()}
	in := new(inbox)
	p := pipelinetest.New(t, codec.Decode(f), in)
	for range 10 {
		p.FeedEach("\x00\x00\x03\xe8" + strings.Repeat("x", 1000))
	}
	if len(in.got) != 10 || f.calls != 30 {
		t.Errorf("%d calls for %d messages", f.calls, len(in.got))
	}
}

// A search for a delimiter does not look twice at bytes of earlier attempts, but for those that may be the first ones of
// the delimiter.
func TestScanned(t *testing.T) {
	for _, c := range []struct {
		f     codec.Framer
		end   string
		again int
	}{
		{codec.Line{}.Framer(), "\n", 0},
		{codec.Delimiter{Seq: []byte("\r\n.\r\n")}.Framer(), "\r\n.\r\n", 4},
	} {
		had := 0
		d := &decoder[*buffer.Buf]{f: func(r *buffer.Reader) (*buffer.Buf, error) {
			if _, to := r.Scanned(); to < had-c.again {
				t.Errorf("%d bytes will be searched again", had-to)
			}
			had = r.Len()
			m, err := c.f.Decode(r)
			if err == nil {
				had = 0
			}
			return m, err
		}}
		in := new(inbox)
		p := pipelinetest.New(t, codec.Decode(d), in)
		for range 2 {
			p.FeedEach(strings.Repeat("x", 300) + c.end)
			p.Feed(strings.Repeat("x", 9000))
			p.Feed(strings.Repeat("x", 9000) + c.end)
		}
		if len(in.got) != 4 || len(in.got[3]) != 18000 {
			t.Errorf("%d messages", len(in.got))
		}
	}
}

// A large frame that comes in many reads is looked at three times, and its bytes are copied not at all when the reads are
// large, and a few times at most when they are small.
func TestLargeFrame(t *testing.T) {
	const size = 1 << 20
	for _, c := range []struct{ read, copied int }{
		{64 << 10, 4}, // the last four bytes
		{16 << 10, 4},
		{8 << 10, 2 * size},
		{100, 2 * size},
	} {
		f := &counted{Framer: codec.LengthField{}.Framer()}
		in := new(inbox)
		p := pipelinetest.New(t, codec.Decode(f), in)
		input := "\x00\x10\x00\x00" + strings.Repeat("0123456789abcdef", size/16)
		for rest := input; rest != ""; {
			n := min(c.read, len(rest))
			p.Feed(rest[:n])
			rest = rest[n:]
		}
		if f.calls > 3 || len(in.got) != 1 || in.got[0] != input[4:] {
			t.Errorf("reads of %d: %d calls, %d messages", c.read, f.calls, len(in.got))
		}
		p.Loop.Cache().Publish()
		if n := p.Loop.Pool.Copied(); n > int64(c.copied) {
			t.Errorf("reads of %d: %d bytes were copied", c.read, n)
		}
	}
}

// A line that comes byte by byte is copied a few times in all, not once a byte.
func TestLongLineDripped(t *testing.T) {
	const size = 32 << 10
	in := new(inbox)
	p := pipelinetest.New(t, codec.Decode(codec.Line{}.Framer()), in)
	p.FeedEach(strings.Repeat("x", size) + "\n")
	p.Loop.Cache().Publish()
	if n := p.Loop.Pool.Copied(); len(in.got) != 1 || n > 4*size {
		t.Errorf("%d messages, %d bytes were copied", len(in.got), n)
	}
}
