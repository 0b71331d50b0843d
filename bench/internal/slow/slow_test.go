package slow

import (
	"io"
	"net"
	"os"
	"strings"
	"testing"
)

// echoing serves one connection; spoil may change the bytes that go back.
func echoing(t *testing.T, spoil func(p []byte)) (port string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		room := make([]byte, 64<<10)
		for {
			n, err := c.Read(room)
			spoil(room[:n])
			if _, failed := c.Write(room[:n]); err != nil || failed != nil {
				return
			}
		}
	}()
	_, port, err = net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestPeerComparesEveryByte(t *testing.T) {
	seen := 0
	for name, c := range map[string]struct {
		spoil func([]byte)
		want  string
	}{
		"right": {func([]byte) {}, ""},
		"last byte": {func(p []byte) {
			if seen += len(p); seen == 16*(4+frameSize) && len(p) > 0 {
				p[len(p)-1]++
			}
		}, "answer 15 of 16 is not what was sent"},
	} {
		p, err := newPeer(echoing(t, c.spoil), 16*frameSize)
		if err != nil {
			t.Fatal(err)
		}
		defer p.conn.Close()
		go p.send()
		err = p.receive()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestPeerThatLosesItsServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			io.CopyN(io.Discard, c, 100)
			c.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	p, err := newPeer(port, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	go p.send()
	if err := p.receive(); err == nil {
		t.Error("nothing came back, and that is fine with the peer")
	}
}

// TestWatch has this process grow by what the watch takes for too much.
func TestWatch(t *testing.T) {
	aborted := make(chan struct{})
	w := WatchMemory(os.Getpid(), -2*most, func() { close(aborted) })
	<-aborted
	if !w.exceeded() || w.Stop() < 2*most {
		t.Errorf("it has seen %d bytes", w.Stop())
	}
}
