//go:build linux

package epoll

import (
	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// bareEcho is the smallest sink that answers.
type bareEcho struct{ ch *channel.Channel }

func (s *bareEcho) Open(ch *channel.Channel) error { s.ch = ch; return nil }
func (s *bareEcho) Read(b *buffer.Buf) error       { return s.ch.Write(b) }
func (s *bareEcho) ReadDone() error                { return nil }
func (s *bareEcho) EOF() error                     { return nil }
func (s *bareEcho) Writable() error                { return nil }
func (s *bareEcho) Closed(error)                   {}
