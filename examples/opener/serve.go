package main

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/pipeline"
)

type opener struct {
	root *os.Root
	user int
}

var errStranger = errors.New("the peer is another user")

// serve answers one line. The kernel says who has connected, so nobody has to prove it.
func (o opener) serve(c *pipeline.Ctx[channel.Part], line *buffer.Buf) error {
	name := line.Text(0, line.Len())
	line.Release()
	peer, err := c.Channel().PeerCredentials()
	if err != nil {
		return err
	}
	if peer.UID != o.user {
		return errStranger
	}
	// Opening a pipe might wait, and all other connections of the loop with it.
	f, err := o.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	reply := c.Alloc(64)
	if err != nil {
		reply.PutString("ERR ")
		reply.PutString(reason(err))
		reply.PutString("\n")
		return c.Write(reply)
	}
	reply.PutString("OK\n")
	d, err := channel.NewDescriptors(reply, f)
	if err != nil {
		return err
	}
	return c.Write(d) // which owns the file: it is closed here when the peer has got its own
}

// reason tells the peer in a few words why it gets no file.
func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "not found"
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	}
	return "bad path"
}
