package websocket

import (
	"errors"

	"github.com/klauspost/compress/flate"
	"github.com/ropewalk/ropewalk/buffer"
)

// Deflate says how messages are compressed, by permessage-deflate (RFC 7692). The zero value compresses fast, and keeps nothing
// between messages.
type Deflate struct {
	// Level is 1 (fast) to 9 (small). Zero means 1. Levels from 7 on clear large tables for every message, which makes short ones
	// several times as expensive (BenchmarkDeflate).
	Level int
	// Threshold is from how many bytes on a message is compressed. Zero means 256, negative means all are.
	Threshold int
	// Takeover lets messages that are sent refer to those before, if the peer agrees: they become smaller, and cost
	// this connection up to 40 KiB of memory, and the compressor going through as much again for each message.
	Takeover bool
	// PeerTakeover lets the peer do so, which costs this connection up to 40 KiB of memory too.
	PeerTakeover bool
	// WindowBits is the most that messages that are sent look back: 8 to 15, for 256 bytes to 32 KiB. Zero means 15.
	// PeerWindowBits is asked of the peer. Windows below 15 take less memory, and have a level of their own, about 5.
	WindowBits, PeerWindowBits int
}

const (
	minBits          = 8
	maxBits          = 15
	defaultThreshold = 256
)

// prepare returns d with its defaults. It panics if a field is out of range.
func (d Deflate) prepare() *Deflate {
	if d.Level == 0 {
		d.Level = flate.BestSpeed
	}
	if d.Threshold == 0 {
		d.Threshold = defaultThreshold
	}
	if d.Level < flate.BestSpeed || d.Level > flate.BestCompression {
		panic("websocket: Deflate.Level is not between 1 and 9")
	}
	for _, bits := range []*int{&d.WindowBits, &d.PeerWindowBits} {
		if *bits == 0 {
			*bits = maxBits
		}
		if *bits < minBits || *bits > maxBits {
			panic("websocket: Deflate.WindowBits or PeerWindowBits is not between 8 and 15")
		}
	}
	return &d
}

// deflateState is what was negotiated, and what is kept between messages.
type deflateState struct {
	on           bool
	bits         uint8 // of our window
	peerBits     uint8
	takeover     bool
	peerTakeover bool
	sent         *buffer.Buf // the latest plain text that was sent compressed, if takeover
	received     *buffer.Buf // that was received compressed, if peerTakeover
}

func (d *deflateState) release() {
	for _, b := range []**buffer.Buf{&d.sent, &d.received} {
		if *b != nil {
			(*b).Release()
			*b = nil
		}
	}
}

// A deflater compresses for all connections of a loop that want the same of it.
type deflater struct {
	level int // or, negative, the size of a window
	w     *flate.Writer
	out   *buffer.Buf
}

// deflater returns the deflater for a level and a window.
func (l *shared) deflater(level int, bits uint8) *deflater {
	if bits < maxBits {
		level = -1 << bits
	}
	for _, d := range l.deflaters {
		if d.level == level {
			return d
		}
	}
	d := &deflater{level: level}
	var err error
	if level < 0 {
		d.w, err = flate.NewWriterWindow(d, -level)
	} else {
		d.w, err = flate.NewWriter(d, level)
	}
	if err != nil {
		panic(err) // prepare has checked it
	}
	l.deflaters = append(l.deflaters, d)
	return d
}

// Write takes what the compressor makes.
func (d *deflater) Write(p []byte) (int, error) {
	room, err := d.out.TryTail(len(p))
	if err != nil {
		return 0, err
	}
	copy(room, p)
	d.out.Commit(len(p))
	return len(p), nil
}

var errFlush = errors.New("websocket: compressor does not end with an empty block")

// deflate appends the compressed bytes of b to out, without the end that RFC 7692 section 7.2.1 takes away.
//
//bufvet:borrow b out
func (d *deflater) deflate(out, b *buffer.Buf, dictionary []byte) error {
	d.out = out
	defer func() { d.out = nil }()
	d.w.ResetDict(d, dictionary) // always: else it would use the one before again, which is gone
	for p := range b.Chunks() {
		if _, err := d.w.Write(p); err != nil {
			return err
		}
	}
	if err := b.Err(); err != nil { // of a mapped file, and there were zeros
		return err
	}
	if err := d.w.Flush(); err != nil {
		return err
	}
	if !out.HasSuffix(endOfMessage[:4]) {
		return errFlush
	}
	out.Truncate(out.Len() - 4)
	return nil
}

// minHistory is how much of what was sent before a message may refer to, if it is shorter itself. The compressor goes through all of
// that for each message: with the whole window of 32 KiB a message of 256 bytes took 198 us instead of 44, and left in 149
// bytes instead of 159.
const minHistory = 4 << 10

// deflated returns b compressed, if it shall be and that makes it smaller; else b. It consumes b if it returns an error.
func (s *conn) deflated(b *buffer.Buf) (*buffer.Buf, bool, error) {
	n := b.Len()
	if n == 0 || n < s.set.deflate.Threshold {
		return b, false, nil
	}
	d := &s.extra.deflate
	c := s.Channel().Cache()
	out, err := c.TryAlloc(n/2 + 64)
	if err != nil {
		return b, false, nil // there is no memory to save some
	}
	var dictionary []byte
	if d.sent != nil {
		dictionary = d.sent.Bytes()
		if most := max(n, minHistory); len(dictionary) > most {
			dictionary = dictionary[len(dictionary)-most:]
		}
	}
	err = perLoop.Of(s.Channel().Loop()).deflater(s.set.deflate.Level, d.bits).deflate(out, b, dictionary)
	if err != nil && !errors.Is(err, buffer.ErrLimit) {
		out.Release()
		b.Release()
		return nil, false, err
	}
	if err != nil || out.Len() >= n {
		out.Release()
		return b, false, nil
	}
	if d.takeover && remember(c, &d.sent, b, 1<<d.bits) != nil {
		d.forget()
	}
	b.Release()
	return out, true, nil
}

// forget drops what was sent: the next message refers to none before it.
func (d *deflateState) forget() {
	if d.sent != nil {
		d.sent.Release()
		d.sent = nil
	}
}
