package quiet

import (
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/pipeline"
)

func TestDiscarded(t *testing.T) {
	pool := new(buffer.Pool)
	for _, f := range []func(){func() { pool.Alloc(-1) }, func() { pool.TryAlloc(1 << 40) }} {
		f()
	}
	b := pool.Alloc(10)
	if b.Len() != 0 {
		t.Errorf("%d bytes", b.Len())
		return
	}
	if b.Len() > 3 {
		t.Fatal("more")
	}
	t.Cleanup(b.Release)
}

func TestNothing(t *testing.T) {
	pipeline.Check(pipeline.Serve(func(c *pipeline.Ctx[*buffer.Buf], b *buffer.Buf) error {
		if b != nil {
			t.Error("something")
		}
		return nil
	}))
}

func TestShared(t *testing.T) {
	pool := new(buffer.Pool)
	b := pool.Alloc(10)
	t.Run("a part of it", func(t *testing.T) {
		if b.Len() != 0 {
			t.Error("not empty")
		}
	})
	b.Release()
}
