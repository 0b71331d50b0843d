package codectest_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/codec/codectest"
)

// A call is a message of a protocol for remote calls:
//
//	├─ 1 ─┼── 4 ──┼─── 2 ───┼─ length ─┤
//	│ '>' │  id   │ length  │   body   │
type call struct {
	id   uint32
	body *buffer.Buf
}

// calls is its decoder and encoder.
type calls struct{}

const maxBody = 4096

var errMagic = errors.New("not a call")

func (calls) Decode(r *buffer.Reader) (call, error) {
	if r.Uint8() != '>' {
		r.Fail(errMagic) // has no effect if there was no byte yet
	}
	id := r.Uint32()
	body := r.Take(r.Length16(maxBody))
	return call{id, body}, r.Err()
}

func (calls) Encode(dst *buffer.Buf, c call) error {
	dst.WriteByte('>')
	dst.PutUint32(c.id)
	dst.PutUint16(uint16(c.body.Len()))
	dst.Append(c.body) // linked if it is large, not copied
	return nil
}

// subject says how calls are decoded, shown and released.
var subject = codectest.Subject[call]{
	New:     func() codec.Decoder[call] { return calls{} },
	Show:    func(c call) string { return fmt.Sprintf("%d %s", c.id, c.body.Text(0, c.body.Len())) },
	Release: func(c call) { c.body.Release() },
	NoAlloc: true,
}

// The tests of a codec: in a test file, t comes from the test function.
func Example() {
	channeltest.Example(func(t testing.TB) {
		codectest.Verify(t, subject, codectest.Case{
			Input: ">\x00\x00\x00\x07\x00\x05hello" + ">\x00\x00\x00\x08\x00\x00",
			Want:  []string{"7 hello", "8 "},
		})
		codectest.VerifyRejects(t, subject,
			codectest.Reject{Name: "too large", Input: ">\x00\x00\x00\x07\x10\x01hello", After: 7, Err: buffer.ErrTooLarge},
			codectest.Reject{Name: "wrong start", Input: "GET / HTTP/1.1", After: 1, Err: errMagic},
		)
		codectest.VerifyEncoder(t, subject, calls{}, func(a buffer.Allocator) call {
			body := a.Alloc(5)
			body.WriteString("hello")
			return call{7, body}
		})
		fmt.Println("verified")
	})
	// Output: verified
}

// greedy is what one writes who has only ever seen whole calls come in.
type greedy struct{ calls }

func (g greedy) Decode(r *buffer.Reader) (call, error) {
	r.Peek(12) // the header and the shortest body of the tests
	return g.calls.Decode(r)
}

// A decoder that asks for more than a message has works as long as another one follows.
func ExampleVerify() {
	channeltest.Example(func(t testing.TB) {
		s := subject
		s.New = func() codec.Decoder[call] { return greedy{} }
		codectest.Verify(t, s, codectest.Case{
			Name:  "two calls",
			Input: ">\x00\x00\x00\x07\x00\x01a" + ">\x00\x00\x00\x08\x00\x05hello",
			Want:  []string{"7 a", "8 hello"},
		})
	})
	// Output:
	// two calls: byte by byte: message 1 was complete with byte 8 and came with byte 12
}

// A framing format is verified in both directions.
func ExampleVerifyFramer() {
	channeltest.Example(func(t testing.TB) {
		f := codec.Delimiter{Seq: []byte("--"), Max: 100}.Framer()
		codectest.VerifyFramer(t, f, "one", "", "t-w-o")
		codectest.VerifyRefuses(t, f, buffer.ErrMalformed, "a--b", "ends with-")
		fmt.Println("verified")
	})
	// Output: verified
}
