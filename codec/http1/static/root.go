package static

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/ropewalk/ropewalk/channel"
)

// A root is the directory that is served. What has to do with the system's calls is in root_linux.go and root_other.go:
//
//	stat     what a path means now. May follow links out of the root: it is for comparing, see entry
//	open     opens a regular file. Never leaves the root, never waits for a pipe or a device
//
// It is used by any number of goroutines, and closed when the last of them has left.
type root struct {
	dir   *os.Root
	users atomic.Int64  // those who are using it now, and one until close
	calls atomic.Uint64 // of the system, see Stats
	handle
}

var (
	errIsDir      = errors.New("static: is a directory")
	errNotRegular = errors.New("static: neither a file nor a directory")
	errEscapes    = errors.New("static: leads out of the root")
	errClosed     = errors.New("static: closed")
)

// openRoot opens a directory.
func openRoot(name string) (*root, error) {
	dir, err := os.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	r := &root{dir: dir}
	if err := r.init(); err != nil {
		dir.Close()
		return nil, err
	}
	r.users.Store(1)
	return r, nil
}

// enter makes sure that the root stays open until leave, and tells whether it is.
func (r *root) enter() bool {
	for {
		n := r.users.Load()
		if n == 0 {
			return false
		}
		if r.users.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// leave undoes enter, or ends the root.
func (r *root) leave() {
	if r.users.Add(-1) == 0 {
		r.end()
		r.dir.Close()
	}
}

// openSlowly opens a file by way of os.Root, which looks at every element of the path by itself.
func (r *root) openSlowly(path string) (*channel.File, os.FileInfo, error) {
	r.calls.Add(3) // of a file in the root itself
	info, err := r.dir.Stat(path)
	if err != nil {
		return nil, nil, escape(err)
	}
	if err := regular(info.Mode()); err != nil {
		return nil, nil, err
	}
	f, err := r.dir.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, escape(err)
	}
	if info, err = f.Stat(); err == nil {
		err = regular(info.Mode())
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	file, err := channel.NewFile(f, 0, info.Size())
	return file, info, err
}

// nanoseconds returns a time since 1970 in nanoseconds. One that is too far away is as good as the farthest.
func nanoseconds(sec, nsec int64) int64 {
	const last = math.MaxInt64 / int64(time.Second)
	switch {
	case sec >= last:
		return math.MaxInt64
	case sec <= -last:
		return math.MinInt64
	}
	return sec*int64(time.Second) + nsec
}

func regular(m fs.FileMode) error {
	switch {
	case m.IsRegular():
		return nil
	case m.IsDir():
		return errIsDir
	}
	return errNotRegular
}

// escape finds the error of os.Root about a path that leads out of it, which has no name: the only one that is not the
// system's.
func escape(err error) error {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return errEscapes
	}
	return err
}

// isDir tells whether a path is a directory in the root.
func (r *root) isDir(path string) (bool, error) {
	if path == "" {
		return true, nil
	}
	r.calls.Add(1)
	info, err := r.dir.Stat(path)
	if err != nil {
		return false, escape(err)
	}
	return info.IsDir(), nil
}

// statusOf is how a request is answered whose file cannot be opened.
func statusOf(err error) int {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.ELOOP), errors.Is(err, syscall.ENAMETOOLONG),
		errors.Is(err, syscall.EINVAL), errors.Is(err, errNotRegular), errors.Is(err, errEscapes):
		return 404
	case errors.Is(err, fs.ErrPermission):
		return 403
	case err == errClosed, isShort(err), errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.ENOMEM):
		return 503
	}
	return 500
}

// isShort tells whether there are too many open files.
func isShort(err error) bool { return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) }
