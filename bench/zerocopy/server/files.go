package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/pipeline"
	"golang.org/x/sys/unix"
)

// files are the open files of a folder, by name, and what sends one.
type files struct {
	open map[string]*file
	send func(c *pipeline.Ctx[channel.Part], f *file) error
}

// A file is open in the way that its sender needs.
type file struct {
	os   *os.File      // map, zerocopy
	part *channel.File // file, direct: cloned for each request
	size int64
}

func openAll(root, way string) (*files, error) {
	all := &files{open: map[string]*file{}}
	switch way {
	case "file":
		all.send = sendFile
	case "map", "zerocopy":
		all.send = sendMap
	case "direct":
		all.send = sendDirect
	default:
		return nil, fmt.Errorf("no -way %q", way)
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		f, err := open(filepath.Join(root, e.Name()), way)
		if err != nil {
			return nil, err
		}
		all.open[e.Name()] = f
	}
	return all, nil
}

func open(name, way string) (*file, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	opened := &file{os: f, size: info.Size()}
	switch way {
	case "direct":
		if err := allowsDirect(name); err != nil {
			return nil, err
		}
		fallthrough
	case "file":
		opened.part, err = channel.WholeFile(f)
	}
	return opened, err
}

// allowsDirect returns an error if a file cannot be opened for direct I/O: then channel.Direct would send it as a File, and the
// row would show something else than it says.
func allowsDirect(name string) error {
	fd, err := unix.Open(name, unix.O_RDONLY|unix.O_DIRECT|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("the file system has no O_DIRECT: %w", err)
	}
	return unix.Close(fd)
}

// serve answers a line. Who asks for a file that is not there is disconnected.
func (all *files) serve(c *pipeline.Ctx[channel.Part], line *buffer.Buf) error {
	name := line.Text(0, line.Len())
	line.Release()
	f := all.open[name]
	if f == nil {
		return fmt.Errorf("no file %q", name)
	}
	return all.send(c, f)
}

func sendFile(c *pipeline.Ctx[channel.Part], f *file) error { return c.Write(f.part.Clone()) }

func sendDirect(c *pipeline.Ctx[channel.Part], f *file) error {
	return c.Channel().WriteDirect(f.part.Clone())
}

func sendMap(c *pipeline.Ctx[channel.Part], f *file) error {
	b, err := buffer.Map(f.os, 0, f.size)
	if err != nil {
		return err
	}
	return c.Write(b)
}
