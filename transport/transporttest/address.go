package transporttest

import (
	"net"
	"path/filepath"

	"github.com/ropewalk/ropewalk/channel"
)

var addressCases = []behaviour{
	{"Addresses", "LocalAddr and RemoteAddr are the peer's RemoteAddr and LocalAddr; when the channel is closed they are not another's", addresses},
	{"AddressAfterReset", "RemoteAddr still answers when the peer has reset the connection", addressAfterReset},
	{"AddressUnix", "the addresses of a Unix socket have its path", addressUnix},
}

// sameAddr fails unless both sides agree on their addresses.
func sameAddr(w *world, s *sink, p *peer) {
	w.Helper()
	s.do(func(ch *channel.Channel) { sameNames(w, ch, p) })
}

func sameNames(w *world, ch *channel.Channel, p *peer) {
	w.Helper()
	is := func(what string, got, want net.Addr) {
		w.Helper()
		if got == nil && ch.Closing() && what == "LocalAddr" {
			return // the socket may be closed
		}
		if got == nil || got.Network() != want.Network() || got.String() != want.String() {
			w.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	is("LocalAddr", ch.LocalAddr(), p.RemoteAddr())
	is("RemoteAddr", ch.RemoteAddr(), p.LocalAddr())
}

func addresses(w *world) {
	for _, network := range []string{"tcp", "tcp4"} {
		var p *peer
		known := make(chan struct{}, 1)
		srv := w.listen(setup{network: network}, func() *sink {
			s := w.newSink()
			s.onClosed = func(s *sink, _ error) {
				select {
				case <-known:
					sameNames(w, s.ch, p)
				default: // not the first
				}
			}
			return s
		})
		var s *sink
		p, s = srv.connect()
		known <- struct{}{}
		sameAddr(w, s, p)
		s.do(func(ch *channel.Channel) { ch.Close(nil) })
		p.wantEnd()
		p.endStream()
		s.cause()
		// The number of the descriptor is another's now; the addresses must not be.
		srv.connect()
		srv.connect()
		w.eventually("the connection to be gone", func() bool { return srv.Conns() == 2 })
		done := make(chan struct{})
		s.ch.Loop().Do(func(error) {
			sameNames(w, s.ch, p)
			close(done)
		})
		await(w, "a call on the loop", done)
	}
}

func addressAfterReset(w *world) {
	want := make(chan string, 1)
	p, s := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onClosed = func(s *sink, _ error) {
			if got, want := s.ch.RemoteAddr(), <-want; got == nil || got.String() != want {
				w.Errorf("RemoteAddr is %v, want %s", got, want)
			}
		}
		return s
	}).connect()
	want <- p.LocalAddr().String()
	p.reset()
	s.wantBroken()

	h := w.host("tcp", "127.0.0.1:0")
	s = w.dial(h.Addr(), nil)
	s.do(func(*channel.Channel) {
		s.onClosed = func(s *sink, _ error) {
			if got := s.ch.RemoteAddr(); got == nil || got.String() != h.Addr().String() {
				w.Errorf("dialed: RemoteAddr is %v, want %s", got, h.Addr())
			}
		}
	})
	h.accept().reset()
	s.wantBroken()
}

func addressUnix(w *world) {
	path := filepath.Join(w.shortDir(), "s")
	srv := w.listen(setup{network: "unix", addr: path}, w.newSink)
	if a := srv.Addr(); a.Network() != "unix" || a.String() != path {
		w.Errorf("Addr is %s %s", a.Network(), a)
	}
	p, s := srv.connect()
	s.do(func(ch *channel.Channel) {
		if a := ch.LocalAddr(); a == nil || a.String() != path {
			w.Errorf("LocalAddr is %v, want %s", a, path)
		}
		if a := ch.RemoteAddr(); a == nil || a.Network() != "unix" {
			w.Errorf("RemoteAddr is %v, want one without a name", a)
		}
	})
	p.endStream()
	p.wantEnd()
	s.cause()
}
