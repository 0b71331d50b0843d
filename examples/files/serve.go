package main

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/pipeline"
)

type files struct{ root *os.Root }

// serve answers one line. What it writes is a mix of bytes and files, which the type of its context says: the pipeline
// would be refused if a stage that must see all bytes stood between it and the wire.
func (s files) serve(c *pipeline.Ctx[channel.Part], line *buffer.Buf) error {
	name := line.Text(0, line.Len())
	line.Release()

	file, err := s.open(name)
	head := c.Alloc(64)
	if err != nil {
		head.PutString("ERR ")
		head.PutString(reason(err))
		head.PutString("\n")
		return c.Write(head)
	}
	head.PutString("OK ")
	head.PutDecimal(file.Size())
	head.PutString("\n")
	if err := c.Write(head); err != nil {
		file.Release()
		return err
	}
	return c.Write(file) // leaves with the head, by sendfile
}

// open opens a regular file below the root. Opening a pipe or a device without O_NONBLOCK might wait, and all other
// connections of the loop with it.
func (s files) open(name string) (*channel.File, error) {
	f, err := s.root.OpenFile(strings.TrimLeft(name, "/"), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	return channel.WholeFile(f)
}

// reason tells the peer in a few words why it gets no file, and nothing about the server.
func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return "not found"
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	case errors.Is(err, channel.ErrNotRegular):
		return "not a regular file"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "busy"
	}
	return "bad path"
}
