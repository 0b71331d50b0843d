package pipeline_test

import (
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/pipeline"
)

// What a channel costs when it gets its pipeline: the three stages, which threeStages makes, the list of them, and the pipeline.
func TestOpenAllocs(t *testing.T) {
	ch := sampled(t, -1).New(t, threeStages()...).Channel()
	accept := pipeline.New(threeStages)
	if n := testing.AllocsPerRun(1000, func() {
		if err := accept(ch).Open(ch); err != nil {
			t.Error(err)
		}
	}); n > 5 {
		t.Errorf("%v allocations", n)
	}
}

// An event that is made once reaches all stages without another allocation.
func TestNotifyAllocs(t *testing.T) {
	listens := new(hears)
	p := sampled(t, -1).New(t, new(turn), new(filter), listens)
	event := any(struct{}{})
	if n := testing.AllocsPerRun(1000, func() {
		if err := p.Pipeline().Event(event); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if listens.heard != 1001 {
		t.Errorf("heard %d times", listens.heard)
	}
}

// hears counts events.
type hears struct {
	pipeline.Ctx[*buffer.Buf]
	heard int
}

func (h *hears) Read(b *buffer.Buf) error { b.Release(); return nil }
func (h *hears) Event(any) error          { h.heard++; return nil }
