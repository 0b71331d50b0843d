package codectest_test

import (
	"encoding/binary"
	"io"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/codec/codectest"
)

// wrong is a Framer with something wrong.
type wrong struct {
	fake
	wrap func(*buffer.Buf) error
}

func (w wrong) Wrap(m *buffer.Buf) error { return w.wrap(m) }

func TestVerifyFramerFinds(t *testing.T) {
	wrap := func(m *buffer.Buf) error {
		m.Prepend(1)[0] = byte(m.Len() - 1)
		return nil
	}
	codectest.VerifyFramer(t, wrong{good, wrap}, "hi", "")
	finds(t, "in other buffers", func(t testing.TB) {
		codectest.VerifyFramer(t, wrong{good, func(m *buffer.Buf) error {
			m.Prepend(1)[0] = byte(m.Segments())
			return nil
		}}, "hi...")
	})
	finds(t, "did not come", func(t testing.TB) {
		codectest.VerifyFramer(t, wrong{good, func(m *buffer.Buf) error { m.Truncate(0); return nil }}, "a")
	})
	finds(t, "\"hi\": the error is <nil>", func(t testing.TB) {
		codectest.VerifyRefuses(t, wrong{good, wrap}, buffer.ErrTooLarge, "hi")
	})
	finds(t, "was refused and changed", func(t testing.TB) {
		codectest.VerifyRefuses(t, wrong{good, func(m *buffer.Buf) error {
			m.WriteByte('x')
			return buffer.ErrTooLarge
		}}, buffer.ErrTooLarge, "hi")
	})
	half := false
	finds(t, "two channels with the same Framer", func(t testing.TB) {
		codectest.VerifyFramer(t, wrong{func(r *buffer.Reader) (*buffer.Buf, error) {
			if half && r.Len() == 1 && !r.AtEOF() { // it was called for this byte before
				return nil, io.ErrNoProgress
			}
			half = r.Len() == 1 && !r.AtEOF()
			return good(r)
		}, wrap}, "ab")
	})
}

func TestVerifyEncoderFinds(t *testing.T) {
	numbers := codectest.Subject[uint16]{New: func() codec.Decoder[uint16] { return big{} }}
	seven := func(buffer.Allocator) uint16 { return 7 }
	codectest.VerifyEncoder(t, numbers, big{}, seven, seven)
	finds(t, "message 1 is \"1792\", not \"7\"", func(t testing.TB) {
		codectest.VerifyEncoder(t, numbers, little{}, seven)
	})
}

type big struct{}
type little struct{}

func (big) Decode(r *buffer.Reader) (uint16, error) { return r.Uint16(), r.Err() }
func (big) Encode(dst *buffer.Buf, n uint16) error  { dst.PutUint16(n); return nil }
func (little) Encode(dst *buffer.Buf, n uint16) error {
	_, err := dst.Write(binary.LittleEndian.AppendUint16(nil, n))
	return err
}
