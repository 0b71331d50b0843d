package pipeline_test

import (
	"fmt"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/pipeline"
)

// turn is a first stage, at which what it has read comes back and goes no further.
type turn struct {
	pipeline.Context[*buffer.Buf, *buffer.Buf]
}

func (s *turn) Read(b *buffer.Buf) error { return s.Fire(b) }
func (*turn) Write(*buffer.Buf) error    { return nil }

func threeStages() []pipeline.Stage {
	return []pipeline.Stage{new(turn), new(filter), pipeline.Serve(answer)}
}

// BenchmarkHops is a message through three stages, of which the last one answers: five hops and nothing else.
//
//bufvet:ignore the first stage lets go of what it is to write, so that one message does for all rounds
func BenchmarkHops(b *testing.B) {
	for _, sample := range []int{-1, 1} {
		b.Run(fmt.Sprint("sample=", sample), func(b *testing.B) {
			p := sampled(b, sample).New(b, threeStages()...)
			m := p.Buf("a message")
			defer m.Release()
			b.ReportAllocs()
			for sink := p.Pipeline(); b.Loop(); {
				sink.Read(m)
			}
		})
	}
}

// BenchmarkOpen is a pipeline of three stages for a new channel: to make, link and open it.
func BenchmarkOpen(b *testing.B) {
	for _, sample := range []int{-1, 1} {
		b.Run(fmt.Sprint("sample=", sample), func(b *testing.B) {
			ch := sampled(b, sample).New(b, threeStages()...).Channel()
			accept := pipeline.New(threeStages)
			b.ReportAllocs()
			for b.Loop() {
				accept(ch).Open(ch)
			}
		})
	}
}
