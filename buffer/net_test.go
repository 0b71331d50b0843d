package buffer_test

import (
	"bytes"
	"io"
	"net"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
)

// TestWriteToConn sends pieces over a TCP connection, where they leave with writev(2).
func TestWriteToConn(t *testing.T) {
	pool := buffertest.Pool(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	got := make(chan []byte, 1)
	go func() {
		defer close(got)
		c, err := l.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		p, err := io.ReadAll(c)
		if err != nil {
			t.Error(err)
		}
		got <- p
	}()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	want := bytes.Repeat([]byte("0123456789abcdef"), 1000)
	b := pool.Alloc(0)
	for i := 0; i < len(want); i += 1000 {
		b.Append(buffer.Wrap(pool, want[i:i+1000], nil))
	}
	if b.Segments() != 1 { // they lie side by side, but in blocks of their own
		if n, err := b.WriteTo(c); n != int64(len(want)) || err != nil || b.Len() != 0 {
			t.Errorf("WriteTo: %d, %v, %d left", n, err, b.Len())
		}
	}
	c.Close()
	if p := <-got; !bytes.Equal(p, want) {
		t.Errorf("%d bytes arrived, or others", len(p))
	}
	b.PutZero(1)
	b.Append(buffer.Wrap(pool, want[:1000], nil))
	if n, err := b.WriteTo(c); n != 0 || err == nil || b.Len() != 1001 {
		t.Errorf("WriteTo a closed connection: %d, %v, %d left", n, err, b.Len())
	}
	b.Release()
}
