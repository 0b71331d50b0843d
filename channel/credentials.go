package channel

import (
	"errors"
	"os"
)

// Credentials say who has made the other side of a Unix socket, as the kernel has noted it when it was connected or began to
// listen. The numbers are those of our own namespaces; a process or user that is not in them is 0 or 65534.
type Credentials struct {
	PID int // process; it may have ended since, and its number be another's: see PeerProcess
	UID int // user
	GID int // its group, without the supplementary ones
}

// PeerCredentials returns who the peer is (SO_PEERCRED, unix(7)). For channels that are not on a Unix socket, and systems and
// engines that do not tell, the error is errors.ErrUnsupported.
func (ch *Channel) PeerCredentials() (Credentials, error) {
	if b, ok := ch.backend.(Informer); ok && ch.state < closed {
		c, err := b.TellCredentials()
		return c, NewOpError("peer credentials", err)
	}
	return Credentials{}, NewOpError("peer credentials", ch.untold())
}

// PeerProcess returns a descriptor of the peer's process, which the caller closes: it goes on meaning that process when its
// number is used again (SO_PEERPIDFD, Linux 6.5; pidfd_open(2) says what can be done with it). Errors are as for PeerCredentials.
func (ch *Channel) PeerProcess() (*os.File, error) {
	if b, ok := ch.backend.(Informer); ok && ch.state < closed {
		f, err := b.TellProcess()
		return f, NewOpError("peer process", err)
	}
	return nil, NewOpError("peer process", ch.untold())
}

// untold is why the backend is not asked for something.
func (ch *Channel) untold() error {
	if ch.state >= closed {
		return ErrClosed
	}
	return errors.ErrUnsupported
}
