package leak

import (
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
)

func TestLeaks(t *testing.T) {
	b := new(buffer.Pool).Alloc(10) // want `b leaks: it was obtained from Alloc`
	if b.Len() != 0 {
		t.Error("not empty")
	}
}

type mock struct{ got []string }

func (m *mock) Write(b *buffer.Buf) error { // want `b leaks: Write owns it`
	m.got = append(m.got, b.Text(0, b.Len()))
	return nil
}
