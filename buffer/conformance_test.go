package buffer_test

import (
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
)

func TestAllocators(t *testing.T) {
	t.Run("Pool", func(t *testing.T) {
		pool := buffertest.Pool(t)
		buffertest.TestAllocator(t, func() buffer.Allocator { return pool })
	})
	t.Run("Heap", func(t *testing.T) {
		heap := new(buffer.Heap)
		buffertest.NoLeaks(t, heap)
		buffertest.TestAllocator(t, func() buffer.Allocator { return heap })
	})
	t.Run("Cache", func(t *testing.T) {
		pool := buffertest.Pool(t)
		buffertest.TestAllocator(t, func() buffer.Allocator { return pool.NewCache() })
	})
	t.Run("NoHeadroom", func(t *testing.T) {
		pool := &buffer.Pool{Headroom: -1}
		buffertest.NoLeaks(t, pool)
		buffertest.TestAllocator(t, func() buffer.Allocator { return pool })
	})
}
