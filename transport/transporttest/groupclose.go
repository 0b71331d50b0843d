package transporttest

import (
	"io"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

var groupCloseCases = []behaviour{
	{"GroupCloseListeners", "whoever's Close has returned, no listener of the group takes connections", groupCloseListeners},
	{"ListenerClosePanics", "a listener that closes accepts all that wait, though some panic while their sinks are made", listenerClosePanics},
}

func groupCloseListeners(w *world) {
	var all []*server
	dir := w.shortDir() // names, since somebody else may get a port as soon as it is free
	for i := range 16 {
		all = append(all, w.listen(setup{network: "unix", addr: filepath.Join(dir, strconv.Itoa(i))}, w.echo))
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := w.group.Close(); err != nil {
				w.Errorf("Group.Close: %v", err)
			}
			for _, srv := range all {
				if c, err := w.suite.Dial(srv.Addr().Network(), srv.Addr().String()); err == nil {
					c.Close()
					w.Errorf("%s takes connections when Close has returned", srv.Addr())
				}
			}
		})
	}
	wg.Wait()
}

func listenerClosePanics(w *world) {
	const conns = 100 // more than an engine accepts in a turn, fewer than a system lets wait
	ping := w.bystanders()
	var made, panicked atomic.Int64
	srv := w.listen(setup{}, func() *sink {
		if made.Add(1)%3 == 0 {
			panicked.Add(1)
			panic("boom")
		}
		return w.echo()
	})
	goOn := w.stand()
	var peers []*peer
	for range conns {
		peers = append(peers, srv.dial())
	}
	closed := make(chan error, 1)
	go func() { closed <- srv.Close() }()
	goOn()
	if err := await(w, "Close", closed); err != nil {
		w.Errorf("Listener.Close: %v", err)
	}
	served := int64(0)
	for _, p := range peers {
		p.SetDeadline(time.Now().Add(patience))
		io.WriteString(p, "ping") // or there is nobody any more
		var got [4]byte
		if _, err := io.ReadFull(p, got[:]); err == nil {
			served++
		}
	}
	if made.Load() != conns || served != conns-panicked.Load() {
		w.Errorf("of %d connections %d were accepted, %d have panicked, and %d are served", conns, made.Load(), panicked.Load(), served)
	}
	ping()
}

// stand has the group's first loop stand still until goOn is called.
func (w *world) stand() (goOn func()) {
	w.Helper()
	standing, release := make(chan struct{}), make(chan struct{})
	w.start().Loops()[0].Do(func(error) {
		close(standing)
		<-release
	})
	await(w, "the loop to stand", standing)
	goOn = sync.OnceFunc(func() { close(release) })
	w.atEnd(goOn)
	return goOn
}
