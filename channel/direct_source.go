package channel

import (
	"errors"
	"fmt"
	"io"

	"github.com/ropewalk/ropewalk/buffer"
)

// A Source gives what is to be sent piece by piece, as fast as the peer takes it. It is called on the channel's loop, by
// whoever sends it: Channel.WriteSource, or a protocol that puts something around the pieces.
type Source interface {
	// Next returns the next piece, a *buffer.Buf or a *File; the caller owns it. After the last one it returns
	// io.EOF. If there is none yet it returns nil, nil, and later has whoever asks told that there is something, by
	// Channel.ResumeSource or what takes its place. Any other error closes the connection, so that the peer sees that the
	// rest is missing.
	Next() (Part, error)
	// Release is called once: after io.EOF, or earlier if no more is wanted.
	Release()
}

// ErrSourceSize says that a Source gave more or fewer bytes than had been announced.
var ErrSourceSize = errors.New("source has another size than announced")

// maxFeed is how many bytes of sources one channel sends in one turn of its loop.
const maxFeed = 1 << 20

// A queuedSource stands in the queue where its bytes belong. Engines do not see it: for them the queue ends there. When what is
// in front of it has been sent, or nearly so, its next piece is put there.
//
//	bytes ─ file ─ bytes ─ source ─ bytes ...
//	engines send this ▲    ▲ pieces go here, and what is written later, behind it
type queuedSource struct {
	source Source
	asking bool // it is being asked, and must not be asked again
	broken bool // it has panicked
	again  bool // it may have more, but others shall get their turn first
}

// WriteSource queues n bytes that s gives while they are sent, and owns s, also when it fails: as Write does. The channel asks
// for a piece when no more than Watermark.Low is queued in front of it, and counts s itself like a file. If s fails, or
// gives another number of bytes, the channel is aborted with the error. It panics if n is negative.
func (ch *Channel) WriteSource(s Source, n int64) error {
	if n < 0 {
		panic(fmt.Sprintf("channel: WriteSource of %d bytes", n))
	}
	if err := ch.refuses(fileWeight); err != nil {
		s.Release()
		return err
	}
	f := handles.Get().(*File)
	f.source, f.left = &queuedSource{source: s}, n
	ch.out.pushFile(f)
	ch.written()
	return nil
}

// ResumeSource says that a Source which WriteSource has queued has something again, after its Next has returned nil, nil.
func (ch *Channel) ResumeSource() {
	if !ch.out.done() {
		ch.loop.list(ch)
	}
}

// give sends the queue, and what sources have, as far as the system takes it.
func (ch *Channel) give() error {
	f := ch.out.files
	if f == nil { // nearly always
		return ch.flushBackend()
	}
	if f.source != nil {
		f.source.again = false
	}
	for sent := int64(0); ; {
		asked := ch.hungry()
		n, err := ch.feed(maxFeed - sent)
		if err != nil {
			return err
		}
		sent += n
		if ch.state == closed || ch.state == gone || ch.out.done() || ch.out.Empty() && sent < maxFeed {
			return nil
		}
		if !ch.out.Empty() {
			if err := ch.flushBackend(); err != nil {
				return err
			}
		}
		if !ch.hungry() || asked && n == 0 {
			return nil
		}
		if sent >= maxFeed {
			ch.out.files.source.again = true
			ch.loop.list(ch)
			return nil
		}
	}
}

// hungry tells whether a source is next, and little in front of it.
func (ch *Channel) hungry() bool {
	f := ch.out.files
	return f != nil && f.source != nil && !f.source.asking && ch.out.bytes.Len() <= ch.opts.Marks.Low
}

// feed puts pieces of the source that is next in front of it, while little else is there, and returns how many bytes that were, one
// more for each piece without any, and each source that has ended.
func (ch *Channel) feed(most int64) (fed int64, err error) {
	q := &ch.out
	for fed < most && ch.hungry() {
		f := q.files
		part, err := f.source.next()
		if err != nil && part != nil { // as io.Reader may: here they are to come one after the other
			part.Release()
		}
		switch {
		case err == io.EOF && f.left > 0:
			return fed, NewOpError("source", ErrSourceSize)
		case err == io.EOF:
			q.dropSource(ch.loop.cache)
			fed++ // what was behind it is in front now
			continue
		case err != nil:
			return fed, err
		case part == nil:
			return fed, nil
		}
		n := part.Size()
		if n > f.left {
			part.Release()
			return fed, NewOpError("source", ErrSourceSize)
		}
		f.left -= n
		fed += max(n, 1)
		switch p := part.(type) {
		case *buffer.Buf:
			q.weight += int(n)
			q.bytes.Push(ch.loop.cache, p)
		case *File:
			q.weight += fileWeight
			p.next, p.last, f.last = f, f.last, nil
			q.files = p
			q.dropEmptyFiles()
		default:
			part.Release()
			return fed, fmt.Errorf("channel: a Source gave a %T: only *buffer.Buf and *File can be sent", part)
		}
	}
	return fed, nil
}

// dropSource takes out the source that is next; what is behind it follows what is in front.
func (q *Outbound) dropSource(c *buffer.Cache) {
	f := q.files
	for b := f.after.Pop(); b != nil; b = f.after.Pop() {
		q.bytes.Push(c, b)
	}
	f.after = q.bytes
	q.dropFile()
	q.dropEmptyFiles()
}

// next asks the source. One that has panicked is not asked again: what it owes will not come.
func (s *queuedSource) next() (Part, error) {
	if s.broken {
		return nil, NewOpError("source", errSourceBroken)
	}
	s.asking, s.broken = true, true
	defer func() { s.asking = false }()
	part, err := s.source.Next()
	s.broken = false
	return part, err
}

var errSourceBroken = errors.New("panicked before")

// done tells whether nothing is left to send, and no source to be asked.
func (q *Outbound) done() bool { return q.files == nil && q.bytes.Empty() }

// again tells whether the channel is to be served once more in the next turn.
func (q *Outbound) again() bool {
	return q.files != nil && q.files.source != nil && q.files.source.again
}
