package static

import (
	"errors"
	"io"
	"mime"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// directBlock is how much a channel.Direct reads at a time.
const directBlock = 256 << 10

// drain lets workers and loop go on until a peer has got n bytes, or the connection is closed.
func drain(s *site, n int) string {
	var out strings.Builder
	for {
		out.WriteString(s.pipe.Output())
		if _, body, ok := strings.Cut(out.String(), "\r\n\r\n"); ok && len(body) >= n || s.pipe.Closed() {
			return out.String()
		}
		s.pipe.Loop.Wait()
	}
}

// directReads tells whether the file system of the tests does direct I/O: if not, they are about falling back.
func directReads(s *site, path string) bool {
	f, err := os.OpenFile(s.path(path), os.O_RDONLY|unix.O_DIRECT, 0)
	if err != nil {
		return false
	}
	f.Close()
	return true
}

func TestDirect(t *testing.T) {
	const size = 1_000_003
	text := digits(size)
	s := newSite(t, Options{DirectIO: 100_000}, map[string]string{"big.bin": text, "small.bin": text[:99_999]})
	t.Logf("direct I/O: %v", directReads(s, "big.bin"))
	for _, r := range []struct {
		value    string
		from, to int
	}{
		{"", 0, size}, {"bytes=0-", 0, size}, {"bytes=1-", 1, size}, {"bytes=4096-8191", 4096, 8192}, {"bytes=4095-8192", 4095, 8193},
		{"bytes=262143-262144", 262143, 262145}, {"bytes=262144-", 262144, size}, {"bytes=-5000", size - 5000, size},
		{"bytes=-1", size - 1, size}, {"bytes=999999-1000002", 999_999, size}, {"bytes=300000-899999", 300_000, 900_000},
	} {
		var fields []string
		status := 200
		if r.value != "" {
			fields, status = []string{"Range: " + r.value}, 206
		}
		s.pipe.Feed(request("GET", "/big.bin", fields...))
		s.parse("GET", drain(s, r.to-r.from)).want(t, r.value, status, text[r.from:r.to])
	}
	s.ask("HEAD /big.bin").want(t, "HEAD", 200, "")
	s.ask("/small.bin").want(t, "small", 200, text[:99_999])
}

// Several parts are read by direct I/O as one is.
func TestDirectParts(t *testing.T) {
	const size = 3_000_001
	text := digits(size)
	s := newSite(t, Options{DirectIO: 100_000}, map[string]string{"big.bin": text})
	want := []string{text[:1], text[4095:1_000_000], text[size-5000:]}
	s.pipe.Feed(request("GET", "/big.bin", "Range: bytes=0-0,4095-999999,-5000"))
	out := ""
	for !strings.HasSuffix(out, "--\r\n") {
		out += wait(s.pipe)
	}
	a := s.parse("GET", out)
	_, params, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	s.must(err)
	got := parts(s, a.body, params["boundary"])
	if len(got) != len(want) {
		t.Fatalf("%d parts", len(got))
	}
	for i := range want {
		if !strings.HasSuffix(got[i], "/octet-stream "+want[i]) {
			t.Errorf("part %d: %.100q", i, got[i])
		}
	}
	if !directReads(s, "big.bin") {
		t.Log("no direct I/O here")
		return
	}
	for _, f := range s.pipe.Files() {
		t.Errorf("%+v was sent by way of the page cache", f)
	}
	// A peer that leaves while the second part is being read.
	s.pipe.Stall()
	s.pipe.Feed(request("GET", "/big.bin", "Range: bytes=0-0,4095-999999,-5000"))
	s.pipe.Loop.Wait() // for the first
	s.pipe.Break(io.ErrClosedPipe)
	s.pipe.Loop.Wait()
}

// A peer that takes nothing: no more is read than one block beside what is queued.
func TestDirectSlowPeer(t *testing.T) {
	const size = 4 << 20
	text := digits(size)
	s := newSite(t, Options{DirectIO: 1}, map[string]string{"big.bin": text})
	if !directReads(s, "big.bin") {
		t.Log("no direct I/O here")
		return
	}
	s.pipe.Stall()
	s.pipe.Feed(request("GET", "/big.bin"))
	for range 2 { // the first block, which is queued, and the one behind it
		s.pipe.Loop.Wait()
	}
	if n := s.pipe.Channel().Queued(); n > directBlock+1000 {
		t.Errorf("%d bytes are queued", n)
	}
	if n := s.pipe.Loop.Pool.Live(); n > 4 {
		t.Errorf("%d buffers", n)
	}
	s.pipe.Unstall()
	s.parse("GET", drain(s, size)).want(t, "in the end", 200, text)
}

// A peer that leaves while a block is being read, and before.
func TestDirectBroken(t *testing.T) {
	s := newSite(t, Options{DirectIO: 1}, map[string]string{"big.bin": digits(1 << 20)})
	if !directReads(s, "big.bin") {
		t.Log("no direct I/O here")
		return
	}
	proceed := s.holdWorkers()
	s.pipe.Feed(request("GET", "/big.bin"))
	s.pipe.Break(io.ErrClosedPipe)
	close(proceed)
	s.pipe.Loop.Wait()
	if open := openBelow(t, s.path("big.bin")); len(open) != 1 {
		t.Errorf("open: %v", open)
	}

	s.pipe = s.connect() // one that has a block which it has not been asked for
	s.pipe.Stall()
	s.pipe.Feed(request("GET", "/big.bin"))
	for range 2 {
		s.pipe.Loop.Wait()
	}
	s.pipe.Break(io.ErrClosedPipe)
	if open := openBelow(t, s.path("big.bin")); len(open) != 1 {
		t.Errorf("open: %v", open)
	}
}

// The file is exchanged between the look at it and the opening for direct I/O: what is sent is the one that was announced.
func TestDirectChanged(t *testing.T) {
	text := digits(1 << 20)
	s := newSite(t, Options{DirectIO: 1}, map[string]string{"big.bin": text})
	proceed := s.holdWorkers()
	s.pipe.Feed(request("GET", "/big.bin"))
	s.must(os.Rename(s.path("big.bin"), s.path("old.bin")))
	s.write("big.bin", "other")
	close(proceed)
	s.parse("GET", drain(s, len(text))).want(t, "exchanged", 200, text)
	proceed = s.holdWorkers()
	s.pipe.Feed(request("GET", "/old.bin"))
	s.must(s.files.Close()) // nor can it be opened when the directory is closed
	close(proceed)
	s.parse("GET", drain(s, len(text))).want(t, "closed", 200, text)
}

// One that becomes shorter ends the connection.
func TestDirectShrinks(t *testing.T) {
	s := newSite(t, Options{DirectIO: 1}, map[string]string{"big.bin": digits(1 << 20)})
	if !directReads(s, "big.bin") {
		t.Log("no direct I/O here")
		return
	}
	s.pipe.Stall()
	s.pipe.Feed(request("GET", "/big.bin"))
	for range 2 {
		s.pipe.Loop.Wait()
	}
	s.must(os.Truncate(s.path("big.bin"), 5000))
	s.pipe.Unstall()
	drain(s, 1<<20)
	if cause := s.pipe.Cause(); !errors.Is(cause, channel.ErrFileShrank) || !s.pipe.Aborted() {
		t.Errorf("cause %v", cause)
	}
}

// Direct I/O leaves the page cache as it was.
func TestDirectLeavesPageCache(t *testing.T) {
	const size = 1 << 20
	s := newSite(t, Options{DirectIO: 1}, map[string]string{"big.bin": digits(size)})
	if !directReads(s, "big.bin") {
		t.Log("no direct I/O here")
		return
	}
	f, err := os.OpenFile(s.path("big.bin"), os.O_RDWR, 0)
	s.must(err)
	defer f.Close()
	s.must(f.Sync())
	s.must(unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED))
	s.pipe.Feed(request("GET", "/big.bin"))
	drain(s, size)
	var cached unix.Cachestat_t
	if err := unix.Cachestat(uint(f.Fd()), &unix.CachestatRange{Len: size}, &cached, 0); err != nil {
		t.Log("the kernel does not tell:", err)
		return
	}
	if cached.Cache > 16 {
		t.Errorf("%d pages are in the page cache", cached.Cache)
	}
}

// When there is no memory for a block, the file goes out without.
func TestDirectWithoutMemory(t *testing.T) {
	text := digits(1 << 20)
	s := newSite(t, Options{DirectIO: 1}, map[string]string{"big.bin": text})
	l := channeltest.NewLoop(t, func(c *channel.LoopConfig) { c.Pool = &buffer.Pool{Limit: directBlock} })
	s.pipe = pipelinetest.Config{Loop: l}.New(t, new(http1.Server).Stage(), http1.Serve(s.files.Serve))
	s.ask("/big.bin").want(t, "at once", 200, text)
	if files := s.pipe.Files(); len(files) == 0 {
		t.Error("not sent as a file")
	}
}
