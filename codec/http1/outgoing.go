package http1

import (
	"io"
	"strconv"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/pipeline"
)

// maxPump is how many bytes of sources one connection sends in one turn of its loop.
const maxPump = 1 << 20

// outgoing is a body that is being sent from a Source.
type outgoing struct {
	source  Source
	trailer *Header
	left    int64 // bytes that the source is to give, negative if that is not known
	given   int64 // bytes that it has given
	chunked bool
	inside  bool // a chunk was begun that has no line end yet
	asking  bool // the source is being asked, and must not be asked again
}

// pump sends what the source has, as far as the peer takes it. After an error the connection cannot go on: an ordinary end
// could look like that of the body. again is set when the source may have more and others should get their turn first.
func (o *outgoing) pump(ch *channel.Channel, to pipeline.Writer[channel.Part]) (done, again bool, err error) {
	if o.asking {
		return false, false, nil
	}
	o.asking = true
	defer func() { o.asking = false }()
	for sent := int64(0); ch.Writable(); {
		if sent >= maxPump {
			return false, true, nil
		}
		part, err := o.source.Next()
		if err != nil && part != nil { // as io.Reader may: here they are to come one after the other
			part.Release()
		}
		switch {
		case err == io.EOF:
			return true, false, o.end(ch, to)
		case err != nil:
			return false, false, err
		case part == nil: // for now: there are peers that use a chunk when they have all of it, with its line end
			return false, false, o.endChunk(ch, to)
		}
		sent += max(part.Size(), 1)
		if err := o.send(ch, to, part); err != nil {
			return false, false, err
		}
	}
	return false, false, nil
}

// send writes a part.
func (o *outgoing) send(ch *channel.Channel, to pipeline.Writer[channel.Part], part channel.Part) error {
	n := part.Size()
	if o.left >= 0 {
		if o.left -= n; o.left < 0 {
			part.Release()
			return ErrBody
		}
	}
	o.given += n
	if n == 0 {
		part.Release()
		return nil
	}
	if o.chunked {
		c := ch.Cache()
		p := c.ReplyRoom(32)[:0]
		if o.inside {
			p = append(p, "\r\n"...)
		}
		p = append(strconv.AppendUint(p, uint64(n), 16), "\r\n"...)
		if err := to.Write(c.Replied(len(p))); err != nil {
			part.Release()
			return err
		}
		o.inside = true
	}
	return to.Write(part)
}

// endChunk writes the line end of a chunk that has none yet. If the next part is there it leaves in front of that.
func (o *outgoing) endChunk(ch *channel.Channel, to pipeline.Writer[channel.Part]) error {
	if !o.inside || ch.Closing() {
		return nil
	}
	o.inside = false
	c := ch.Cache()
	return to.Write(c.Replied(copy(c.ReplyRoom(2), "\r\n")))
}

// end writes what follows the last part.
func (o *outgoing) end(ch *channel.Channel, to pipeline.Writer[channel.Part]) error {
	if o.left > 0 {
		return ErrBody
	}
	if !o.chunked {
		return nil
	}
	if err := o.trailer.Err(); err != nil {
		return err
	}
	size := o.trailer.size() + 16
	b := ch.Alloc(size)
	p := b.Tail(size)[:0]
	if o.inside {
		p = append(p, "\r\n"...)
	}
	p = append(o.trailer.appendTo(append(p, "0\r\n"...), ours), "\r\n"...)
	b.Commit(len(p))
	return to.Write(b)
}
