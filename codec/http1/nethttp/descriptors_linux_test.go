package nethttp_test

import (
	"io"
	"net/http"
	"os"
	"testing"
)

// TestDescriptors loses a connection on which files are queued.
func TestDescriptors(t *testing.T) {
	count := func() int {
		all, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	var open func() *os.File
	s := handler(func(w http.ResponseWriter, r *http.Request) {
		for {
			f := open()
			_, err := io.Copy(w, f)
			f.Close()
			if err != nil {
				return
			}
		}
	})
	inBubble(t, s, func(b *bubble) {
		before := count()
		open = b.file
		b.Stall()
		b.feed(get())
		if count() == before {
			t.Error("no file is queued")
		}
		b.Break(io.ErrClosedPipe)
		b.settle()
		b.want("descriptors", count(), before)
	})
}
