//go:build linux || darwin

package transporttest

import (
	"errors"
	"log/slog"
	"net"
	"os"
	"syscall"
)

var descriptorCases = []behaviour{
	{"NoDescriptors", "when no descriptor is free accepting backs off, and recovers when there is one", noDescriptors},
}

// noDescriptors lowers the process's limit of open files, and uses all that are left.
func noDescriptors(w *world) {
	ping := w.bystanders()
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &old); err != nil {
		w.Skipf("getrlimit: %v", err)
	}
	low := old
	low.Cur = uint64(highest(w) + 20)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &low); err != nil {
		w.Skipf("setrlimit: %v", err)
	}
	var fill []*os.File
	restore := func() {
		syscall.Setrlimit(syscall.RLIMIT_NOFILE, &old)
		for _, f := range fill {
			f.Close()
		}
		fill = nil
	}
	w.atEnd(restore)
	srv := w.listen(setup{}, w.echo) // not before: io_uring accepts up to the limit that there was when it was asked to accept
	var p *peer
	dial := func() {
		for {
			f, err := os.Open(os.DevNull)
			if err != nil {
				break
			}
			fill = append(fill, f)
		}
		c, err := net.Conn(nil), error(syscall.EMFILE)
		for errors.Is(err, syscall.EMFILE) && len(fill) > 0 { // somebody else may be faster
			fill[0].Close() // for the peer
			fill = fill[1:]
			c, err = w.suite.Dial(srv.Addr().Network(), srv.Addr().String())
		}
		if err != nil {
			w.Fatalf("peer: %v", err)
		}
		p = w.newPeer(c)
		p.sendText("ping")
	}
	failed := w.log.count(slog.LevelWarn)
	dial()
	if w.suite.InProcess { // a connection takes no descriptor
		p.wantText("ping")
		ping()
		return
	}
	// Somebody else may close a file meanwhile, as engines that end do. Then the peer gets it, and the next one has to wait.
	for tries, waits := 0, false; !waits; tries++ {
		w.eventually("accepting to fail", func() bool {
			return w.log.count(slog.LevelWarn) > failed || len(srv.sinks) > 0
		})
		for range 5 {
			ping()
		}
		select {
		case s := <-srv.sinks:
			if tries == 10 {
				w.Fatalf("a sink without a descriptor: %v", s)
			}
			p.wantText("ping")
			failed = w.log.count(slog.LevelWarn)
			dial()
		default:
			waits = true
		}
	}
	restore()
	p.wantText("ping")
	if n := w.log.count(slog.LevelWarn); n > 100 {
		w.Errorf("accepting has failed %d times: it does not back off", n)
	}
}

// highest returns the highest descriptor in use.
func highest(w *world) int {
	f, err := os.Open(os.DevNull)
	if err != nil {
		w.Fatal(err)
	}
	defer f.Close()
	top := int(f.Fd())
	for fd := top; fd < top+4096; fd++ {
		var st syscall.Stat_t
		if syscall.Fstat(fd, &st) == nil {
			top = fd
		}
	}
	return top
}
