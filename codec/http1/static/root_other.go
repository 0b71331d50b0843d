//go:build !linux

package static

import (
	"encoding/binary"
	"os"

	"github.com/ropewalk/ropewalk/channel"
)

// handle is not needed: everything is done by way of os.Root.
type handle struct{}

func (r *root) init() error { return nil }
func (r *root) end()        {}

// A stamp is what a file was at some time. Two that are the same are of one file that has not changed in between, as far as
// package os can tell.
type stamp struct {
	info  os.FileInfo
	size  int64
	mtime int64 // nanoseconds since 1970
}

func stampOf(info os.FileInfo) stamp {
	return stamp{info, info.Size(), nanoseconds(info.ModTime().Unix(), int64(info.ModTime().Nanosecond()))}
}

func (s *stamp) same(o *stamp) bool {
	return s.size == o.size && s.mtime == o.mtime && s.info.Mode() == o.info.Mode() && os.SameFile(s.info, o.info)
}

func (s *stamp) regular() error { return regular(s.info.Mode()) }

// appendTo appends what makes an entity tag.
func (s *stamp) appendTo(p []byte) []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(p, uint64(s.size)), uint64(s.mtime))
}

// stat returns the stamp of a path that ends with a zero byte.
func (r *root) stat(path []byte) (stamp, error) {
	r.calls.Add(1)
	info, err := r.dir.Stat(string(path[:len(path)-1]))
	if err != nil {
		return stamp{}, escape(err)
	}
	return stampOf(info), nil
}

// open opens a regular file, and returns its stamp.
func (r *root) open(path string, _ *stamp) (*channel.File, stamp, error) {
	f, info, err := r.openSlowly(path)
	if err != nil {
		return nil, stamp{}, err
	}
	return f, stampOf(info), nil
}

// readNow reads nothing: whether it would have to wait cannot be known.
func (r *root) readNow(*channel.File, []byte, int64) int { return 0 }
