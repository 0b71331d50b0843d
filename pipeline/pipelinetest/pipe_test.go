package pipelinetest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// sizes answers each read with its size, as one digit.
func sizes() pipeline.Stage {
	return pipeline.Serve(func(c *pipeline.Ctx[*buffer.Buf], b *buffer.Buf) error {
		n := b.Len()
		b.Release()
		out := c.Alloc(1)
		out.WriteByte(byte('0' + n))
		return c.Write(out)
	})
}

func TestFeed(t *testing.T) {
	p := pipelinetest.New(t, sizes())
	for want, feed := range map[string]func(){
		"5":     func() { p.Feed("hello") },
		"4":     func() { p.FeedBytes([]byte("four")) },
		"3":     func() { p.FeedBuf(p.Buf("buf")) },
		"11111": func() { p.FeedEach("hello") },
		"212":   func() { p.FeedCut("hello", 2, 3) },
		"41":    func() { p.FeedCut("hello", 0, 4, 5) },
		"":      func() { p.Feed("") },
	} {
		feed()
		if got := p.Output(); got != want {
			t.Errorf("output %q, want %q", got, want)
		}
	}
}

func TestFiles(t *testing.T) {
	l := channeltest.NewLoop(t)
	f := l.File("content")
	name := f.Name()
	p := pipelinetest.Config{Loop: l, Steps: []channeltest.Step{channeltest.Take(3)}}.New(t,
		pipeline.Serve(func(c *pipeline.Ctx[channel.Part], b *buffer.Buf) error {
			c.Write(b)
			return c.Write(f)
		}))
	p.Feed("head ")
	if got := p.Output(); got != "head content" {
		t.Errorf("output %q", got)
	}
	if got := p.Files(); len(got) != 1 || got[0] != (channeltest.SentFile{Name: name, Bytes: 7}) {
		t.Errorf("files %v", got)
	}
}

func TestEnds(t *testing.T) {
	p := pipelinetest.New(t, sizes())
	p.EOF()
	if !p.Closed() || p.Cause() != nil || !p.Ended() || p.Aborted() {
		t.Error("not a normal end")
	}
	broken := errors.New("broken")
	p = pipelinetest.New(t, sizes())
	p.Break(broken)
	if !p.Closed() || p.Cause() != broken || !p.Aborted() {
		t.Errorf("cause %v", p.Cause())
	}
}

func TestStallTellsUnread(t *testing.T) {
	p := pipelinetest.Config{Options: channel.Options{Marks: channel.Watermark{High: 1}}}.New(t, sizes())
	p.Stall()
	p.Feed("a")
	p.Feed("b")
	p.Feed("c")
	p.Advance(time.Second)
	if p.Reading() || p.Unread() != 1 || p.Output() != "" {
		t.Errorf("reading %v, unread %d", p.Reading(), p.Unread())
	}
	p.Unstall()
	if !p.Reading() || p.Output() != "111" {
		t.Error("does not go on")
	}
}
