//go:build !linux

package gnet

import (
	"errors"
	"os"

	"github.com/ropewalk/ropewalk/channel"
)

const canTell = false

// TellCredentials implements channel.Informer.
func (c *conn) TellCredentials() (channel.Credentials, error) {
	return channel.Credentials{}, errors.ErrUnsupported
}

// TellProcess implements channel.Informer.
func (c *conn) TellProcess() (*os.File, error) { return nil, errors.ErrUnsupported }
