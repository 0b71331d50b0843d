package pipelinetest

import (
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/pipeline"
)

// A Pipe is a pipeline on a channel whose peer is the test. It belongs to the goroutine that made it.
type Pipe struct {
	Loop *channeltest.Loop
	Conn *channeltest.Conn
}

// Config says how a Pipe is made; the zero Config is what New uses.
type Config struct {
	// Options are those of the channel.
	Options channel.Options
	// Steps answer the first writes, see channeltest.Script. After them everything is taken.
	Steps []channeltest.Step
	// Loop is the loop to run on, together with other pipes. Nil means a loop of its own.
	Loop *channeltest.Loop
}

// New opens a pipeline of these stages. If they do not fit each other, the test ends.
func New(t testing.TB, stages ...pipeline.Stage) *Pipe {
	t.Helper()
	return Config{}.New(t, stages...)
}

// New opens a pipeline of these stages.
func (c Config) New(t testing.TB, stages ...pipeline.Stage) *Pipe {
	t.Helper()
	if err := pipeline.Check(stages...); err != nil {
		t.Fatal(err)
	}
	return c.Accept(t, pipeline.New(func() []pipeline.Stage { return stages }))
}

// Accept opens a channel with the sink that accept makes for it: the function that a server would be given, usually from
// pipeline.New.
func (c Config) Accept(t testing.TB, accept func(*channel.Channel) channel.Sink) *Pipe {
	t.Helper()
	l := c.Loop
	if l == nil {
		l = channeltest.NewLoop(t)
	}
	conn := l.New(nil, c.Options, c.Steps...)
	conn.SetSink(accept(&conn.Channel))
	l.Protect(conn.Port.Open)
	l.Settle()
	return &Pipe{Loop: l, Conn: conn}
}

// Channel returns the channel. Writing to it goes past the stages.
func (p *Pipe) Channel() *channel.Channel { return &p.Conn.Channel }

// Pipeline returns the pipeline.
func (p *Pipe) Pipeline() *pipeline.Pipeline { return pipeline.Of(&p.Conn.Channel) }

// Buf returns a buffer of the loop with the bytes of s.
func (p *Pipe) Buf(s string) *buffer.Buf { return p.Loop.Buf(s) }

// Do runs f on the loop, outside of any call of the pipeline, as channel.Remote.Do does.
func (p *Pipe) Do(f func(*channel.Channel)) { p.Conn.Do(f) }

// Advance moves the clock by d and runs the timers that are due on the way.
func (p *Pipe) Advance(d time.Duration) { p.Loop.Advance(d) }
