package transporttest

import (
	"context"
	"net"
	"os"
	"path/filepath"

	"github.com/ropewalk/ropewalk/channel"
)

var listenCases = []behaviour{
	{"ListenUnix", "a Unix socket serves, and its path is removed when the listener is closed", listenUnix},
	{"ListenFails", "an address in use or a network that is not known is refused, and nothing is left", listenFails},
	{"SeveralListeners", "listeners of one group each have their own connections", severalListeners},
	{"ListenerClose", "a closed listener refuses connections, and those that are open stay", listenerClose},
	{"RestartSamePort", "a server that was closed with connections starts again on the same port", restartSamePort},
	{"IPv6", "a listener on an IPv6 address serves", listenIPv6},
	{"ListenAfterClose", "a closed group does not listen", listenAfterClose},
}

// shortDir is TempDir with a name that fits the address of a Unix socket.
func (w *world) shortDir() string {
	w.Helper()
	dir, err := os.MkdirTemp("", "rope")
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func listenUnix(w *world) {
	path := filepath.Join(w.shortDir(), "s")
	for range 2 { // the second time the path must be free again
		srv := w.listen(setup{network: "unix", addr: path}, w.echo)
		p, s := srv.connect()
		talk(w, p, s)
		if err := srv.Close(); err != nil {
			w.Errorf("Listener.Close: %v", err)
		}
		if _, err := os.Lstat(path); !os.IsNotExist(err) {
			w.Errorf("the path of the socket is still there: %v", err)
		}
	}
}

func listenFails(w *world) {
	srv := w.listen(setup{}, w.echo)
	refused := func(c setup) {
		w.Helper()
		if ln, err := w.group.Listen(context.Background(), c.config(w, nil)); err == nil {
			w.Errorf("Listen on %s %s: no error", c.network, ln.Addr())
		}
	}
	refused(setup{addr: srv.Addr().String()})
	refused(setup{network: "udp"})
	refused(setup{network: "nonsense"})
	if w.suite.InProcess { // names are not paths, but are taken only once
		named := setup{network: "unix", addr: "name"}
		w.listen(named, w.echo)
		refused(named)
	} else {
		refused(setup{network: "unix", addr: filepath.Join(w.shortDir(), "no", "such", "directory")})
	}
	p, _ := srv.connect()
	p.sendText("ping")
	p.wantText("ping")
}

func severalListeners(w *world) {
	one := w.listen(setup{}, w.echo)
	two := w.listen(setup{}, w.newSink)
	three := w.listen(setup{network: "unix", addr: filepath.Join(w.shortDir(), "s")}, w.echo)
	p1, _ := one.connect()
	p2, s2 := two.connect()
	p3, _ := three.connect()
	p1.sendText("ping")
	p1.wantText("ping")
	drained := make(chan error, 1)
	go func() { drained <- two.Drain(context.Background()) }()
	p2.wantEnd()
	p2.Close()
	if err := await(w, "Drain", drained); err != nil {
		w.Errorf("Drain: %v", err)
	}
	if err := s2.cause(); err != channel.ErrShutdown {
		w.Errorf("cause %v, want ErrShutdown", err)
	}
	p1.sendText("ping")
	p1.wantText("ping")
	p3.sendText("ping")
	p3.wantText("ping")
	if one.Conns() != 1 || two.Conns() != 0 || three.Conns() != 1 {
		w.Errorf("Conns are %d, %d, %d, want 1, 0, 1", one.Conns(), two.Conns(), three.Conns())
	}
}

func listenerClose(w *world) {
	srv := w.listen(setup{}, w.echo)
	p, _ := srv.connect()
	if err := srv.Close(); err != nil {
		w.Errorf("Listener.Close: %v", err)
	}
	if c, err := w.suite.Dial(srv.Addr().Network(), srv.Addr().String()); err == nil {
		c.Close()
		w.Errorf("a closed listener was connected to")
	}
	p.sendText("ping")
	p.wantText("ping")
	if err := srv.Close(); err != nil {
		w.Errorf("Listener.Close again: %v", err)
	}
}

func restartSamePort(w *world) {
	addr := "127.0.0.1:0"
	for range 3 {
		srv := w.listen(setup{addr: addr}, w.echo)
		addr = srv.Addr().String()
		p, s := srv.connect()
		p.sendText("ping")
		p.wantText("ping")
		s.do(func(ch *channel.Channel) { ch.Close(nil) }) // our side ends first, which leaves TIME_WAIT
		p.wantEnd()
		p.Close()
		s.cause()
		srv.connect()
		if err := w.group.Close(); err != nil {
			w.Errorf("Group.Close: %v", err)
		}
		w.group = nil
	}
}

func listenIPv6(w *world) {
	probe, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		w.Skipf("no IPv6 here: %v", err)
	}
	probe.Close()
	srv := w.listen(setup{addr: "[::1]:0"}, w.echo)
	p, s := srv.connect()
	sameAddr(w, s, p)
	talk(w, p, s)
}

func listenAfterClose(w *world) {
	if err := w.start().Close(); err != nil {
		w.Errorf("Group.Close: %v", err)
	}
	if _, err := w.group.Listen(context.Background(), setup{}.config(w, nil)); err == nil {
		w.Errorf("Listen on a closed group: no error")
	}
}
