package nethttp_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
)

// TestSlowReader has a peer that takes nothing: the handler waits in Write, and little is kept.
func TestSlowReader(t *testing.T) {
	const total = 4_000_000
	written := 0
	s := handler(func(w http.ResponseWriter, r *http.Request) {
		for written < total {
			n, err := w.Write(make([]byte, 1000))
			if written += n; err != nil {
				t.Error(err)
				return
			}
		}
	})
	s.Window = 64 << 10
	inBubble(t, s, func(b *bubble) {
		b.Stall()
		b.feed(get())
		if written < 64<<10 || written > 256<<10 {
			t.Errorf("%d bytes were written for a peer that takes none", written)
		}
		if held := b.Loop.Pool.Stats().Held; held > total/2 { // in checked mode blocks have pages of their own
			t.Errorf("%d bytes of memory are held", held)
		}
		b.Unstall()
		_, body := b.response("GET")
		b.want("body", len(body), total)
	})
}

// TestSlowReaderGoes has a peer leave whose handler waits in Write.
func TestSlowReaderGoes(t *testing.T) {
	var failed error
	s := handler(func(w http.ResponseWriter, r *http.Request) {
		for failed == nil {
			_, failed = w.Write(make([]byte, 10000))
		}
		if _, err := w.Write([]byte("more")); err == nil {
			t.Error("a write after one that failed did not fail")
		}
		if err := http.NewResponseController(w).Flush(); err == nil {
			t.Error("a flush after a write that failed did not fail")
		}
		if r.Context().Err() == nil {
			t.Error("the context goes on")
		}
	})
	inBubble(t, s, func(b *bubble) {
		b.Stall()
		b.feed(get())
		b.Break(io.ErrClosedPipe)
		b.settle()
		if failed == nil || !strings.Contains(failed.Error(), io.ErrClosedPipe.Error()) {
			t.Errorf("Write returned %v", failed)
		}
	})
}

// TestSlowHandler has a handler that does not read: reading pauses, and goes on as the handler reads.
func TestSlowHandler(t *testing.T) {
	const total = 1000 << 10
	var goOn chan int
	s := handler(func(w http.ResponseWriter, r *http.Request) {
		sum := 0
		for n := range goOn {
			m, err := io.ReadFull(r.Body, make([]byte, n))
			if sum += m; err != nil {
				t.Error(err)
			}
		}
		m, err := io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, sum+int(m), err)
	})
	s.Window = 100 << 10
	inBubble(t, s, func(b *bubble) {
		const each = 10 << 10
		goOn = make(chan int)
		b.feed(fmt.Sprintf("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n", total))
		for range total / each {
			b.feed(strings.Repeat("x", each))
		}
		if unread := b.Unread(); unread < total-150<<10 || unread > total-50<<10 {
			t.Errorf("%d of %d bytes were not read for a handler that does not read", unread, total)
		}
		before := b.Unread()
		goOn <- 500 << 10
		b.settle()
		if unread := b.Unread(); unread > before-300<<10 || unread < 300<<10 {
			t.Errorf("%d bytes are unread after half was read, %d before", unread, before)
		}
		close(goOn)
		_, body := b.response("POST")
		b.want("body", body, fmt.Sprint(total, nil))
		b.want("unread", b.Unread(), 0)
	})
}

// TestSlowHandlerLeaves has a handler return that has not read all of a body for which reading was paused.
func TestSlowHandlerLeaves(t *testing.T) {
	for _, total := range []int{100 << 10, 1 << 20} {
		t.Run(fmt.Sprint(total), func(t *testing.T) {
			var leave chan bool
			s := handler(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/next" {
					<-leave
				}
			})
			s.Window = 64 << 10
			inBubble(t, s, func(b *bubble) {
				leave = make(chan bool)
				b.feed(fmt.Sprintf("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n", total))
				for range total / 10240 {
					b.feed(strings.Repeat("x", 10240))
				}
				if b.Unread() == 0 {
					t.Error("reading goes on for a handler that does not read")
				}
				leave <- true
				resp, _ := b.response("POST")
				b.feed(strings.Repeat("x", total%10240))
				b.want("close", resp.Close, total > 256<<10)
				b.want("closed", b.Closed(), total > 256<<10)
				if !b.Closed() {
					b.feed(request("GET", "/next", "", ""))
					b.response("GET")
				}
			})
		})
	}
}

// TestSendsFile has bytes of a file sent by the loop, from a descriptor that stays open when the handler closes its own.
func TestSendsFile(t *testing.T) {
	var s = handler(nil)
	var open func() *os.File
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := open()
		defer f.Close()
		io.WriteString(w, strings.Repeat("a", 600))
		n, err := io.Copy(w, f)
		if n != 100000 || err != nil {
			t.Error(n, err)
		}
		io.WriteString(w, "z")
	})
	inBubble(t, s, func(b *bubble) {
		open = b.file
		b.Stall()
		b.feed(get())
		b.Unstall()
		_, body := b.response("GET")
		b.want("body", body == strings.Repeat("a", 600)+strings.Repeat("f", 100000)+"z", true)
		sent := 0
		for _, f := range b.Files() {
			sent += f.Bytes
		}
		if sent < 90000 {
			t.Errorf("%d bytes were sent by the loop", sent)
		}
	})
}

// file returns a file of 100,000 bytes, at its beginning.
func (b *bubble) file() *os.File {
	f := b.Loop.OSFile(strings.Repeat("f", 100000))
	f.Seek(0, io.SeekStart)
	return f
}

// TestManyFiles has more files written than are taken: descriptors are bounded too.
func TestManyFiles(t *testing.T) {
	opened, written := 0, 0
	var open func() *os.File
	s := handler(nil)
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for range 50 {
			f := open()
			opened++
			io.Copy(w, f)
			f.Close()
			written++
		}
	})
	s.Window = 64 << 10
	inBubble(t, s, func(b *bubble) {
		open = b.file
		b.Stall()
		b.feed(get())
		if opened > 12 {
			t.Errorf("%d files are open for a peer that takes none", opened)
		}
		b.Unstall()
		_, body := b.response("GET")
		b.want("body", len(body), 50*100000)
		b.want("written", written, 50)
	})
}

// TestPressedPool has a handler write when no memory is left.
func TestPressedPool(t *testing.T) {
	var failed error
	var goOn chan bool
	s := handler(func(w http.ResponseWriter, r *http.Request) {
		<-goOn
		for failed == nil {
			_, failed = w.Write(make([]byte, 10000))
		}
	})
	s.Window = 10 << 20
	inBubbleOn(t, s, &buffer.Pool{Limit: 1 << 20}, func(b *bubble) {
		goOn = make(chan bool)
		b.Stall()
		b.feed(get())
		goOn <- true
		b.settle()
		if failed == nil || !strings.Contains(failed.Error(), "limit") {
			t.Errorf("Write returned %v", failed)
		}
		b.Unstall()
		b.settle()
		b.Loop.Panics() // the loop may have asked for memory too, with the same outcome
		b.want("closed", b.Closed(), true)
		if out := b.Output(); strings.HasSuffix(out, "0\r\n\r\n") {
			t.Error("the body has an ordinary end")
		}
	})
}

// TestSourcePanics has what ReadFrom reads panic: the buffer that it was to fill is given back.
func TestSourcePanics(t *testing.T) {
	s := handler(func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		w.(io.ReaderFrom).ReadFrom(io.MultiReader(strings.NewReader(strings.Repeat("x", 5000)), panicking{}))
	})
	pool := new(buffer.Pool)
	inBubbleOn(t, s, pool, func(b *bubble) {
		b.feed(get())
		b.want("closed", b.Closed(), true)
	})
	if n := pool.Live(); n > 0 {
		t.Errorf("%d buffers are left", n)
	}
}

type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic(http.ErrAbortHandler) }
