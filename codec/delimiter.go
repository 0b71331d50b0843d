package codec

import (
	"bytes"
	"fmt"

	"github.com/ropewalk/ropewalk/buffer"
)

// Delimiter is the format of messages with a fixed sequence of bytes behind each.
//
//	├── up to Max bytes ──┤
//	│       message       │ Seq │
//
// The zero value ends messages with a zero byte. A message of more than Max bytes is refused with buffer.ErrTooLarge as
// soon as Max+len(Seq) bytes without Seq are there.
type Delimiter struct {
	// Seq is the delimiter, at most 256 bytes. Empty means one zero byte.
	Seq []byte
	// Max is the largest number of bytes in front of the delimiter. Zero means DefaultMax.
	Max int
	// Keep makes the delimiter a part of the message, for those who pass messages on as they are. A message that is
	// written must then end with it.
	Keep bool
}

const maxDelimiter = 256

// Framer returns the format, for Frames. One value serves any number of channels, and does not keep Seq. It panics if
// the fields make no sense.
func (f Delimiter) Framer() Framer {
	if len(f.Seq) > maxDelimiter {
		panic(fmt.Sprintf("codec: Delimiter: Seq of %d bytes is longer than %d", len(f.Seq), maxDelimiter))
	}
	p := &delimiter{seq: bytes.Clone(f.Seq), max: maximum("Delimiter", f.Max), keep: f.Keep}
	if len(p.seq) == 0 {
		p.seq = []byte{0}
	}
	for n := 1; n < len(p.seq); n++ {
		if bytes.HasPrefix(p.seq, p.seq[n:]) {
			p.early = append(p.early, p.seq[:n])
		}
	}
	return p
}

type delimiter struct {
	seq  []byte
	max  int
	keep bool
	// early are the starts of seq behind which another seq contains a whole one: a message that ends with "\n", say, if
	// seq is "\n\n". The reader would find the delimiter inside the message.
	early [][]byte
}

// Decode implements Decoder.
func (f *delimiter) Decode(r *buffer.Reader) (*buffer.Buf, error) {
	b := r.TakeUntilSequence(f.seq, f.max)
	if b != nil && f.keep {
		b.Write(f.seq)
	}
	return b, r.Err()
}

// Wrap implements Framer. It refuses messages in which the reader would find the delimiter before their end.
func (f *delimiter) Wrap(m *buffer.Buf) error {
	n := m.Len()
	if f.keep {
		n -= len(f.seq)
	}
	at := m.Index(f.seq, 0)
	switch {
	case n > f.max:
		return tooLarge("Delimiter", n, f.max)
	case f.keep && at < 0:
		return fmt.Errorf("codec: Delimiter: a message without the delimiter at its end cannot be written: %w", buffer.ErrMalformed)
	case f.keep && at == n:
		return nil
	case at >= 0:
		return f.refuse(at)
	}
	for _, p := range f.early {
		if m.HasSuffix(p) {
			return f.refuse(n - len(p))
		}
	}
	m.Write(f.seq)
	return nil
}

func (f *delimiter) refuse(at int) error {
	return fmt.Errorf("codec: Delimiter: a message with a delimiter at byte %d cannot be written: %w", at, buffer.ErrMalformed)
}
