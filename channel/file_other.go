//go:build !unix

package channel

import "os"

// adopt makes an open file of a handle, by way of an os.File: how to read at an offset differs between these systems.
func adopt(fd int, name string) *openFile {
	return &openFile{fd: fd, name: name, f: os.NewFile(uintptr(fd), name)}
}

func (o *openFile) close() { o.f.Close() }

func (o *openFile) readAt(p []byte, off int64) (int, error) { return o.f.ReadAt(p, off) }
