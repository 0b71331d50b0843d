//go:build linux

package static

import (
	"encoding/binary"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
)

// handle is the root as a descriptor, for calls that take one.
type handle struct {
	fd   int
	slow atomic.Bool // there is no openat2(2): the kernel is older than 5.6, or a filter refuses it
}

func (r *root) init() error {
	f, err := r.dir.Open(".")
	if err != nil {
		return err
	}
	defer f.Close()
	r.fd, err = unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	return os.NewSyscallError("fcntl", err)
}

func (r *root) end() { unix.Close(r.fd) }

// A stamp is what a file was at some time. Two that are equal are of one file that has not changed in between, as far as
// its file system can tell.
type stamp struct {
	dev, ino     uint64
	size         int64
	mtime, ctime int64 // nanoseconds since 1970
	mode         uint16
}

func (s *stamp) same(o *stamp) bool { return *s == *o }

func (s *stamp) regular() error {
	switch s.mode & unix.S_IFMT {
	case unix.S_IFREG:
		return nil
	case unix.S_IFDIR:
		return errIsDir
	}
	return errNotRegular
}

// appendTo appends what makes an entity tag: what changes when the content does.
func (s *stamp) appendTo(p []byte) []byte {
	for _, v := range [...]uint64{s.ino, uint64(s.size), uint64(s.mtime), uint64(s.ctime)} {
		p = binary.LittleEndian.AppendUint64(p, v)
	}
	return p
}

// stat returns the stamp of a path that ends with a zero byte. It allocates nothing. It is an ordinary system call, since it may
// wait for the disk.
func (r *root) stat(path []byte) (stamp, error) {
	r.calls.Add(1)
	s, err := statx(r.fd, path, 0)
	if err != nil && statusOf(err) != 404 && r.leads(string(path[:len(path)-1])) {
		err = errEscapes // what is wrong out there is not told
	}
	return s, err
}

// leads tells whether a path leads out of the root.
func (r *root) leads(path string) bool {
	fd, err := r.openat2(path, unix.O_PATH)
	if err == unix.ENOSYS || err == unix.EPERM {
		_, err = r.dir.Stat(path)
		err = escape(err)
	} else if err == nil {
		unix.Close(fd)
	}
	return err == errEscapes
}

func statx(fd int, path []byte, flags int) (stamp, error) {
	var x unix.Statx_t
	for {
		_, _, errno := unix.Syscall6(unix.SYS_STATX, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(path))), uintptr(flags),
			unix.STATX_BASIC_STATS, uintptr(unsafe.Pointer(&x)), 0)
		if errno == unix.EINTR {
			continue
		}
		if errno != 0 {
			return stamp{}, errno
		}
		break
	}
	return stamp{
		dev:   uint64(x.Dev_major)<<32 | uint64(x.Dev_minor),
		ino:   x.Ino,
		size:  int64(x.Size),
		mtime: nanoseconds(x.Mtime.Sec, int64(x.Mtime.Nsec)),
		ctime: nanoseconds(x.Ctime.Sec, int64(x.Ctime.Nsec)),
		mode:  x.Mode,
	}, nil
}

var none = []byte{0}

func statFd(fd int) (stamp, error) { return statx(fd, none, unix.AT_EMPTY_PATH) }

// open opens a regular file. It does not if now, the stamp of its path, is that of something else: opening a device may be
// enough to set it off. O_NONBLOCK is for what takes the file's place in between. The stamp that it returns is that of the open
// file.
func (r *root) open(path string, now *stamp) (*channel.File, stamp, error) {
	if err := now.regular(); err == errNotRegular {
		return nil, stamp{}, err
	}
	fd, err := r.openat2(path, openFlags)
	if err == unix.ENOSYS || err == unix.EPERM && r.refused() {
		r.slow.Store(true)
	}
	if r.slow.Load() {
		f, _, err := r.openSlowly(path)
		if err != nil {
			return nil, stamp{}, err
		}
		s, err := statFd(f.Fd())
		if err != nil {
			f.Release()
			return nil, stamp{}, err
		}
		return f, s, nil
	}
	if err != nil {
		return nil, stamp{}, err
	}
	r.calls.Add(1)
	s, err := statFd(fd)
	if err == nil {
		err = s.regular()
	}
	if err != nil {
		unix.Close(fd)
		return nil, stamp{}, err
	}
	return channel.AdoptFile(fd, path, s.size), s, nil
}

// openFlags are those that a file is opened with to be sent.
const openFlags = unix.O_RDONLY | unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_LARGEFILE

// openTries is how often openat2 is called when something is renamed meanwhile.
const openTries = 64

// openat2 opens a path that must stay below the root in each of its steps, links included (openat2(2), RESOLVE_BENEATH).
func (r *root) openat2(path string, flags uint64) (fd int, err error) {
	if r.slow.Load() {
		return -1, unix.ENOSYS
	}
	how := unix.OpenHow{
		Flags:   flags | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_MAGICLINKS,
	}
	for range openTries {
		r.calls.Add(1)
		fd, err = unix.Openat2(r.fd, path, &how)
		if err != unix.EINTR && err != unix.EAGAIN {
			break
		}
	}
	if err == unix.EXDEV {
		err = errEscapes
	}
	return fd, err
}

// refused tells whether it is openat2 that is not permitted, rather than one file: filters of containers answer EPERM.
func (r *root) refused() bool {
	fd, err := unix.Openat2(r.fd, ".", &unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: unix.RESOLVE_BENEATH})
	if err == nil {
		unix.Close(fd)
	}
	return err == unix.EPERM
}

// readNow reads from a file what is in the page cache, and returns how much that is.
func (r *root) readNow(f *channel.File, p []byte, off int64) int {
	r.calls.Add(1)
	n, err := unix.Preadv2(f.Fd(), [][]byte{p}, off, unix.RWF_NOWAIT)
	if err != nil {
		return 0
	}
	return n
}
