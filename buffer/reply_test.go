package buffer_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
)

// Replies that are made one after the other lie side by side, behind the input that they answer, and join in a queue.
func TestReplyRoom(t *testing.T) {
	pool := &buffer.Pool{} // not watched: watched handles do not join
	c := pool.NewCache()
	room, err := c.ReceiveRoom()
	if err != nil {
		t.Fatal(err)
	}
	copy(room, "request")
	input := c.Received(7)
	var q buffer.Queue
	for _, s := range []string{"first ", "second ", "third"} {
		q.Push(c, reply(c, s))
	}
	p, only := q.First()
	if string(p) != "first second third" || !only {
		t.Errorf("the queue begins with %q, only %v", p, only)
	}
	if string(input.Bytes()) != "request" {
		t.Errorf("the input is %q", input.Bytes())
	}
	input.Release()
	q.Clear()
	done(t, pool, c)
}

// When the block has no room left, another one is taken.
func TestReplyRoomMoves(t *testing.T) {
	pool := buffertest.Pool(t)
	c := pool.NewCache()
	long := strings.Repeat("x", buffer.MaxReply)
	var all []*buffer.Buf
	for range 9 {
		all = append(all, reply(c, long))
	}
	for _, b := range all {
		if b.Text(0, b.Len()) != long {
			t.Error("a reply was changed")
		}
		b.Release()
	}
	c.Close()
}

func TestReplyRoomLimits(t *testing.T) {
	pool := &buffer.Pool{Limit: 1}
	c := pool.NewCache()
	defer done(t, pool, c)
	if err := thrown(func() { c.ReplyRoom(1) }); !errors.Is(err, buffer.ErrLimit) {
		t.Errorf("at the limit: %v", err)
	}
	if err := thrown(func() { c.ReplyRoom(buffer.MaxReply + 1) }); err == nil || errors.Is(err, buffer.ErrLimit) {
		t.Errorf("beyond MaxReply: %v", err)
	}
}

func reply(c *buffer.Cache, s string) *buffer.Buf {
	return c.Replied(copy(c.ReplyRoom(len(s)), s))
}

func done(t *testing.T, pool *buffer.Pool, c *buffer.Cache) {
	t.Helper()
	c.Close()
	if n := pool.Live(); n != 0 {
		t.Errorf("%d buffers live", n)
	}
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
}

// thrown returns what f panics with, as an error.
func thrown(f func()) (err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case error:
			err = v
		case string:
			err = errors.New(v)
		}
	}()
	f()
	return nil
}
