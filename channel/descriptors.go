package channel

import (
	"errors"
	"fmt"
	"os"

	"github.com/ropewalk/ropewalk/buffer"
)

// MaxDescriptors is how many open files can travel together: SCM_MAX_FD of Linux, unix(7).
const MaxDescriptors = 253

var (
	// ErrTooManyDescriptors says that the peer has sent more open files than its channel may keep until they are taken.
	ErrTooManyDescriptors = errors.New("channel: the peer has sent more open files than are taken")
	// ErrDescriptorsLost says that open files of the peer could not be received, because the process has too many.
	ErrDescriptorsLost = errors.New("channel: open files that the peer has sent were lost")
)

// Descriptors are open files on their way to the peer, and the bytes that they go with (SCM_RIGHTS, unix(7)). They are queued
// like bytes, and leave in their place among them: whoever reads the first of these bytes has the files as well. It has one
// owner, who writes it to a channel or releases it.
//
//	written:   bytes   Descriptors{files, with}   bytes
//	read:      bytes with   bytes       and, from the read that has the first byte of with, files from TakeDescriptors
//
// What the peer gets are descriptors of its own. Ours are closed as soon as they were sent, or when that cannot be any more.
type Descriptors struct {
	files []*os.File
	with  *buffer.Buf
}

var _ Part = (*Descriptors)(nil)

// NewDescriptors returns files, 1 to MaxDescriptors, that go with at least one byte. It owns files and with, also when it fails.
// The slice itself is kept.
func NewDescriptors(with *buffer.Buf, files ...*os.File) (*Descriptors, error) {
	d := &Descriptors{files, with}
	var err error
	switch {
	case len(files) == 0 || len(files) > MaxDescriptors:
		err = fmt.Errorf("channel: %d open files to be sent, not 1 to %d", len(files), MaxDescriptors)
	case with.Len() == 0:
		err = errors.New("channel: open files to be sent without a byte to go with")
	}
	if err != nil {
		d.Release()
		return nil, err
	}
	return d, nil
}

// Size returns the number of bytes that the files go with.
func (d *Descriptors) Size() int64 { return int64(d.with.Len()) }

// Release closes the files and releases the bytes.
func (d *Descriptors) Release() {
	closeFiles(d.files)
	d.with.Release()
	d.files, d.with = nil, nil
}

func closeFiles(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

// WriteDescriptors is Write for open files, which weigh as much as a File. It consumes d, also when it fails: as Write does, or
// with an error that is errors.ErrUnsupported, because the channel is not on a Unix socket, or its engine was not told to pass
// descriptors.
func (ch *Channel) WriteDescriptors(d *Descriptors) error {
	if err := ch.refuses(fileWeight + d.with.Len()); err != nil {
		d.Release()
		return err
	}
	if b, ok := ch.backend.(Informer); !ok || !b.PassesDescriptors() {
		d.Release()
		return NewOpError("send descriptors", errors.ErrUnsupported)
	}
	ch.out.pushDescriptors(d.files)
	ch.out.push(ch.loop.cache, d.with)
	ch.written()
	return nil
}

// TakeDescriptors returns the first n, or all if there are fewer, of the open files that the peer has sent and that were not
// taken yet. They are the caller's, who closes them. Those that are never taken are closed with the channel, and if there are
// more than the engine was told to accept (engine.SocketOptions.Descriptors) the channel is aborted.
func (ch *Channel) TakeDescriptors(n int) []*os.File {
	if ch.rare == nil || ch.rare.files == nil || n <= 0 {
		return nil
	}
	have := *ch.rare.files
	if n >= len(have) {
		ch.rare.files = nil
		return have
	}
	*ch.rare.files = have[n:]
	return have[:n:n]
}

// ReceivedDescriptors is called with descriptors that came with the input that Received or Input is about to be called with. It
// owns them. When more than most wait to be taken it returns ErrTooManyDescriptors, for Fail. Those for a closing channel are
// closed.
func (p *Port) ReceivedDescriptors(fds []int32, most int) error {
	ch := &p.Channel
	files := make([]*os.File, 0, len(fds))
	for _, fd := range fds {
		files = append(files, os.NewFile(uintptr(fd), "received"))
	}
	if ch.state != opened {
		closeFiles(files)
		return nil
	}
	r := ch.rares()
	var have []*os.File
	if r.files != nil {
		have = *r.files
	}
	if len(have)+len(files) > most {
		closeFiles(files)
		return ErrTooManyDescriptors
	}
	have = append(have, files...)
	r.files = &have
	return nil
}

// dropDescriptors closes what was not taken.
func (ch *Channel) dropDescriptors() {
	if ch.rare != nil && ch.rare.files != nil {
		closeFiles(*ch.rare.files)
		ch.rare.files = nil
	}
}

// Descriptors returns the open files that go with the next bytes, nil if there are none or if bytes or a file come first. They
// go with the pieces that VectorsBehind returns; once Advance has dropped one byte of these, they count as sent, and are
// closed. It is for engines that pass descriptors; others never see any.
func (q *Outbound) Descriptors() []*os.File {
	if q.files == nil || !q.bytes.Empty() {
		return nil
	}
	return q.files.carries
}

// VectorsBehind is Vectors for the bytes that Descriptors go with, and those that follow them.
func (q *Outbound) VectorsBehind(dst [][]byte, limit, maxBytes int) [][]byte {
	return q.files.after.Vectors(dst, limit, maxBytes)
}

// pushDescriptors queues open files, as a File of no bytes in front of those that follow.
func (q *Outbound) pushDescriptors(files []*os.File) {
	f := handles.Get().(*File)
	f.carries = files
	q.pushFile(f)
}
