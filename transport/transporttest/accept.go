package transporttest

import (
	"github.com/ropewalk/ropewalk/channel"
)

var acceptCases = []behaviour{
	{"AcceptNil", "a connection for which no sink is made is closed, and others are served", acceptNil},
	{"AcceptLooks", "the function that makes the sink may look at the channel and refuse it", acceptLooks},
	{"MaxConns", "at MaxConns accepting pauses, and goes on when a connection is gone", maxConns},
	{"MaxConnsRefused", "connections that are refused do not count", maxConnsRefused},
}

func acceptNil(w *world) {
	ping := w.bystanders()
	srv := w.listen(setup{}, func() *sink { return nil })
	for range 10 {
		srv.dial().wantGone()
	}
	w.eventually("Conns to be 0", func() bool { return srv.Conns() == 0 })
	ping()
}

func acceptLooks(w *world) {
	seen := make(chan string, 1)
	s := w.newSink()
	c := setup{}.config(w, func(ch *channel.Channel) channel.Sink {
		if ch.Loop() == nil {
			w.Errorf("no Loop")
		}
		select {
		case seen <- ch.RemoteAddr().String():
			ch.Close(errCause)
			ch.Abort(errCause)
			return nil
		default:
			return s
		}
	})
	ln, err := w.start().Listen(w.Context(), c)
	if err != nil {
		w.Fatal(err)
	}
	p := w.dialPeer("tcp", ln.Addr().String())
	p.wantGone()
	if got := await(w, "the address", seen); got != p.LocalAddr().String() {
		w.Errorf("RemoteAddr %s, want %s", got, p.LocalAddr())
	}
	w.eventually("Conns to be 0", func() bool { return ln.Conns() == 0 })
	seen <- "no more"
	p = w.dialPeer("tcp", ln.Addr().String())
	await(w, "Open", s.opened)
	p.endStream()
	p.wantEnd()
	s.cause()
}

func maxConns(w *world) {
	ping := w.bystanders()
	srv := w.listen(setup{maxConns: 2}, w.echo)
	p1, _ := srv.connect()
	p2, _ := srv.connect()
	var waiting []*peer
	for range 4 {
		p := srv.dial() // the kernel answers, we do not
		p.sendText("ping")
		waiting = append(waiting, p)
	}
	for range 3 {
		p1.sendText("ping")
		p1.wantText("ping")
		ping()
	}
	if n := srv.Conns(); n != 2 {
		w.Errorf("Conns is %d, want 2", n)
	}
	never(w, "a third sink", srv.sinks)
	p1.Close()
	for _, p := range waiting { // each makes room for the next
		p.wantText("ping")
		if n := srv.Conns(); n > 2 {
			w.Errorf("Conns is %d, want at most 2", n)
		}
		p.Close()
	}
	p2.sendText("ping")
	p2.wantText("ping")
}

func maxConnsRefused(w *world) {
	srv := w.listen(setup{maxConns: 1}, func() *sink { return nil })
	for range 10 {
		srv.dial().wantGone()
	}
	if n := srv.Conns(); n > 1 {
		w.Errorf("Conns is %d", n)
	}
}
