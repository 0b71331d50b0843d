package static

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestShortOfDescriptors takes all descriptors of the process but those of files that are kept open. Half of these are given
// up then, and the request is answered.
func TestShortOfDescriptors(t *testing.T) {
	const n = 8
	content := make(map[string]string)
	for i := range n + 2 {
		content[fmt.Sprint(i)] = fmt.Sprint("content ", i)
	}
	var log bytes.Buffer
	s := newSite(t, Options{MaxOpen: 100, Logger: slog.New(slog.NewTextHandler(&log, nil))}, content)
	for i := range n {
		s.ask(fmt.Sprint("/", i)).want(t, "before", 200, content[fmt.Sprint(i)])
	}
	release := takeDescriptors(s)
	defer release()
	s.ask(fmt.Sprint("/", n)).want(t, "with files to close", 200, content[fmt.Sprint(n)])
	if got := s.files.Stats(); got.Open != n/2+1 || got.Evicted != n/2 {
		t.Errorf("%+v", got)
	}
	s.files.cache.close() // nothing is left to be given up, and all descriptors are in use again
	release()
	release = takeDescriptors(s)
	defer release()
	s.ask(fmt.Sprint("/", n+1)).want(t, "without", 503, "")
	s.ask(fmt.Sprint("/", n+1)).want(t, "without", 503, "")
	if got := log.String(); strings.Count(got, "too many open files") > 2 || !strings.Contains(got, "path="+fmt.Sprint(n+1)) {
		t.Errorf("log %s", got)
	}
	release()
	s.ask(fmt.Sprint("/", n+1)).want(t, "afterwards", 200, content[fmt.Sprint(n+1)])
}

// takeDescriptors leaves the process no descriptor, until release is called.
func takeDescriptors(s *site) (release func()) {
	s.Helper()
	var limit unix.Rlimit
	s.must(unix.Getrlimit(unix.RLIMIT_NOFILE, &limit))
	less := limit
	less.Cur = min(less.Cur, 256)
	s.must(unix.Setrlimit(unix.RLIMIT_NOFILE, &less))
	var taken []int
	for {
		fd, err := unix.FcntlInt(uintptr(s.files.root.fd), unix.F_DUPFD_CLOEXEC, 0)
		if err != nil {
			break
		}
		taken = append(taken, fd)
	}
	return func() {
		for _, fd := range taken {
			unix.Close(fd)
		}
		taken = nil
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
			s.Error(err)
		}
	}
}
