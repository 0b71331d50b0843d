package transporttest

import (
	"encoding/binary"
	"sync"
	"sync/atomic"

	"github.com/ropewalk/ropewalk/channel"
)

var remoteCases = []behaviour{
	{"RemoteWrite", "writes from other goroutines arrive whole, and those of one goroutine in order", remoteWrite},
	{"RemoteClose", "Close from another goroutine closes with its cause", remoteClose},
	{"RemoteWhenGone", "calls to a channel that is gone are answered with ErrClosed and leak nothing", remoteWhenGone},
	{"RemoteAtTheEnd", "calls that race with the end of the loops are each answered exactly once", remoteAtTheEnd},
}

func remoteWrite(w *world) {
	const writers, each = 4, 300
	p, s := w.listen(setup{}, w.newSink).connect()
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for n := range each {
				b := w.pool.Alloc(8)
				b.PutUint32(uint32(i))
				b.PutUint32(uint32(n))
				if err := s.remote.Write(b); err != nil {
					w.Errorf("Remote.Write: %v", err)
					return
				}
			}
		})
	}
	var next [writers]uint32
	var m [8]byte
	for range writers * each {
		if err := readFull(p, m[:]); err != nil {
			w.Errorf("peer: %v", err)
			break
		}
		i, n := binary.BigEndian.Uint32(m[:]), binary.BigEndian.Uint32(m[4:])
		if i >= writers || n != next[i] {
			w.Errorf("peer: got message %d of writer %d", n, i)
			break
		}
		next[i]++
	}
	wg.Wait()
}

func remoteClose(w *world) {
	p, s := w.listen(setup{}, w.newSink).connect()
	b := w.pool.Alloc(5)
	b.PutString("first")
	if err := s.remote.Write(b); err != nil {
		w.Errorf("Remote.Write: %v", err)
	}
	if err := s.remote.Close(errCause); err != nil {
		w.Errorf("Remote.Close: %v", err)
	}
	p.wantText("first")
	p.wantEnd()
	p.Close()
	if err := s.cause(); err != errCause {
		w.Errorf("cause %v, want the one that Close was given", err)
	}
}

func remoteWhenGone(w *world) {
	p, s := w.listen(setup{}, w.newSink).connect()
	p.Close()
	s.cause()
	check := func() {
		w.Helper()
		s.remote.Write(w.pool.Alloc(10)) // released, whatever it returns
		s.remote.Close(errCause)
		answers := make(chan error, 2)
		s.remote.Do(func(ch *channel.Channel, err error) {
			if ch != nil {
				w.Errorf("Do on a channel that is gone got a channel")
			}
			answers <- err
		})
		if err := await(w, "the answer to Do", answers); err != channel.ErrClosed {
			w.Errorf("Do: %v, want ErrClosed", err)
		}
	}
	check()
	if err := w.group.Close(); err != nil {
		w.Errorf("Group.Close: %v", err)
	}
	check()
	if err := s.remote.Write(w.pool.Alloc(10)); err != channel.ErrClosed {
		w.Errorf("Write after the loop has ended: %v, want ErrClosed", err)
	}
}

func remoteAtTheEnd(w *world) {
	srv := w.listen(setup{}, w.newSink)
	var asked, answered atomic.Int64
	var wg sync.WaitGroup
	var remotes []channel.Remote
	for range 4 {
		_, s := srv.connect()
		remotes = append(remotes, s.remote)
	}
	begun := make(chan struct{}, len(remotes))
	for _, r := range remotes {
		wg.Go(func() {
			for i := 0; ; i++ {
				var err error
				asked.Add(1)
				r.Do(func(_ *channel.Channel, e error) { answered.Add(1) })
				if err = r.Write(w.pool.Alloc(100)); err == channel.ErrClosed {
					return
				}
				if i == 20 {
					begun <- struct{}{}
				}
			}
		})
	}
	for range remotes {
		await(w, "the callers to begin", begun)
	}
	if err := w.group.Close(); err != nil {
		w.Errorf("Group.Close: %v", err)
	}
	wg.Wait()
	if asked.Load() != answered.Load() {
		w.Errorf("%d calls of Do, %d answers", asked.Load(), answered.Load())
	}
}
