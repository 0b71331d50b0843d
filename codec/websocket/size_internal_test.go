package websocket

import (
	"testing"
	"unsafe"
)

// Both are size classes of the Go heap: a field more would cost each of many connections 16 bytes.
func TestSize(t *testing.T) {
	if size := unsafe.Sizeof(conn{}); size > 112 {
		t.Errorf("a connection has %d bytes", size)
	}
	if size := unsafe.Sizeof(extra{}); size > 80 {
		t.Errorf("one with something extra has %d bytes more", size)
	}
}
