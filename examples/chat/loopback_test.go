package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/transport"
)

// Members on several loops, who all talk at once, hear all of it in the same order and without a gap.
func TestLoopback(t *testing.T) {
	const members, each = 12, 10
	pool := &buffer.Pool{LeakSample: 1, OnLeak: func(l buffer.Leak) { t.Errorf("leak: %v", l) }}
	server := transport.Server{
		Addr: "127.0.0.1:0", Loops: 3, Pool: pool, Accept: newChat(defaults).accept(), Logger: slog.New(slog.DiscardHandler),
	}
	running, err := server.Start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	heard, end := make(chan map[uint64]string), make(chan struct{})
	for i := range members {
		c, err := net.Dial("tcp", running.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		c.SetDeadline(time.Now().Add(20 * time.Second))
		go func() {
			all, err := talk(c, fmt.Sprint("m", i), members*each, each)
			if err != nil {
				t.Errorf("member %d: %v", i, err)
			}
			heard <- all
			<-end // who leaves early is an event for the others
			c.Close()
		}()
	}
	var first map[uint64]string
	for range members {
		all := <-heard
		if first == nil {
			first = all
		}
		for seq, text := range all {
			if first[seq] != "" && first[seq] != text {
				t.Errorf("event %d is %q for one and %q for another", seq, text, first[seq])
			}
		}
	}
	close(end)
	if err := running.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if n := pool.Live(); n != 0 {
		t.Errorf("%d buffers are left", n)
	}
}

// talk enters a room, says n things when all are there, and returns what it hears, until that is all sentences.
func talk(c net.Conn, name string, all, n int) (map[uint64]string, error) {
	in := bufio.NewReader(c)
	io.WriteString(c, request("/chat?room=r&name="+name))
	if resp, err := http.ReadResponse(in, nil); err != nil || resp.StatusCode != 101 {
		return nil, fmt.Errorf("handshake: %v, %w", resp, err)
	}
	heard := make(map[uint64]string)
	var seq uint64
	here := 0
	for sentences := 0; sentences < all; {
		e, err := next(in)
		if err != nil {
			return heard, err
		}
		switch e.Kind {
		case welcome:
			here = len(e.Members)
		default:
			if e.Seq != seq+1 {
				return heard, fmt.Errorf("event %d after %d", e.Seq, seq)
			}
			heard[e.Seq] = e.Kind + " " + e.Name + " " + e.Text
			if e.Kind == joined {
				here++
			} else if e.Kind == said {
				sentences++
			}
		}
		seq = e.Seq
		if here == all/n {
			here = 0
			for i := range n {
				io.WriteString(c, frame(1, fmt.Sprintf(`{"text":"%s says %d"}`, name, i)))
			}
		}
	}
	return heard, nil
}

// next reads an event.
func next(in *bufio.Reader) (e event, err error) {
	var head [4]byte
	if _, err := io.ReadFull(in, head[:2]); err != nil {
		return e, err
	}
	n := int(head[1])
	if n == 126 {
		if _, err := io.ReadFull(in, head[2:]); err != nil {
			return e, err
		}
		n = int(binary.BigEndian.Uint16(head[2:]))
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(in, text); err != nil {
		return e, err
	}
	return e, json.Unmarshal(text, &e)
}
