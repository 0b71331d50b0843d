package transporttest

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/datagram"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var packetEndCases = []behaviour{
	{"Drain", "a stopping server answers what it has received, and closes", packetDrain},
	{"DrainLate", "sockets that do not close in time are aborted", packetDrainLate},
	{"GroupDrain", "the drain of a group closes sockets of listeners and connected ones", packetGroupDrain},
	{"GroupClose", "the end of a group aborts its sockets", packetGroupClose},
	{"Panic", "a sink that panics closes its socket and no other, and the listener tells why", packetPanic},
	{"NoSink", "without a sink no socket is opened", packetNoSink},
	{"CloseOwn", "a sink closes its socket, after what was written has left", packetCloseOwn},
	{"Timer", "timers run on the loop", packetTimer},
}

func packetDrain(w *world) {
	srv := w.receive(engine.DatagramConfig{Single: true}, w.packetEcho)
	s := srv.sink()
	p := w.packetPeer(srv.addr())
	s.do(srv.Remotes()[0], func(*datagram.Socket) { // while the loop is busy packets come
		for range 20 {
			p.send("x")
		}
	})
	w.wantErr("Drain", srv.Drain(context.Background()), nil)
	for range 20 {
		p.want("x")
	}
	if cause := await(w, "Closed", s.closed); cause != channel.ErrShutdown {
		w.Errorf("cause %v", cause)
	}
	await(w, "Done", srv.Done())
	w.wantErr("Err", srv.Err(), nil)
	if n := srv.Stats(); n.Sent != 20 {
		w.Errorf("stats of closed sockets: %+v", n)
	}
}

// holdingSink closes its socket itself, which it never does.
type holdingSink struct{ *packetSink }

func (holdingSink) Drain() bool { return true }

func packetDrainLate(w *world) {
	s := w.packetSink()
	srv := w.receive(engine.DatagramConfig{Single: true, Accept: func(*datagram.Socket) datagram.Sink { return holdingSink{s} }}, nil)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	w.wantErr("Drain", srv.Drain(ctx), context.Canceled)
	if cause := await(w, "Closed", s.closed); cause != channel.ErrShutdown {
		w.Errorf("cause %v", cause)
	}
}

func packetGroupDrain(w *world) {
	srv := w.receive(engine.DatagramConfig{}, w.packetEcho)
	s := w.packetSink()
	w.connect(srv.addr().String(), s)
	w.wantErr("Group.Drain", w.group.Drain(context.Background()), nil)
	for range w.loops {
		if cause := await(w, "Closed", srv.sink().closed); cause != channel.ErrShutdown {
			w.Errorf("cause %v", cause)
		}
	}
	await(w, "Closed", s.closed)
	_, err := w.tryConnect(srv.addr().String(), w.packetSink())
	w.wantErr("DialDatagrams after Drain", err, channel.ErrShutdown)
}

func packetGroupClose(w *world) {
	srv := w.receive(engine.DatagramConfig{}, w.packetEcho)
	s := w.packetSink()
	w.connect(srv.addr().String(), s)
	w.wantErr("Group.Close", w.group.Close(), nil)
	if cause := await(w, "Closed", s.closed); cause != channel.ErrShutdown {
		w.Errorf("cause %v", cause)
	}
	await(w, "Done", srv.Done())
	w.wantErr("Listener.Close", srv.Close(), nil)
	if _, err := w.tryReceive(engine.DatagramConfig{}, w.packetEcho); err == nil {
		w.Error("ListenDatagrams on a closed group succeeded")
	}
	if _, err := w.tryConnect("127.0.0.1:9", w.packetSink()); err == nil {
		w.Error("DialDatagrams on a closed group succeeded")
	}
}

func packetPanic(w *world) {
	bystander := w.receive(engine.DatagramConfig{Single: true}, w.packetEcho)
	srv := w.receive(engine.DatagramConfig{Single: true}, func() *packetSink {
		s := w.packetSink()
		s.onReceive = func(_ *packetSink, p datagram.Packet) error {
			panic("by the test")
		}
		return s
	})
	p := w.packetPeer(srv.addr())
	for range 3 {
		p.Write([]byte("x")) // the later ones may be refused
	}
	var cause *channel.PanicError
	if err := await(w, "Closed", srv.sink().closed); !errors.As(err, &cause) {
		w.Errorf("cause %v", err)
	}
	await(w, "Done", srv.Done())
	if !errors.As(srv.Err(), &cause) {
		w.Errorf("Err is %v", srv.Err())
	}
	q := w.packetPeer(bystander.addr())
	q.send("x")
	q.want("x")
}

func packetNoSink(w *world) {
	_, err := w.tryReceive(engine.DatagramConfig{Accept: func(*datagram.Socket) datagram.Sink { return nil }}, nil)
	if err == nil {
		w.Error("ListenDatagrams without a sink succeeded")
	}
	_, err = w.packets().DialDatagrams(context.Background(), engine.DatagramDialConfig{
		Network: "udp", Addr: "127.0.0.1:9", Options: datagram.Options{}.Prepare(),
		Open: func(*datagram.Socket) datagram.Sink { return nil },
	})
	if err == nil {
		w.Error("DialDatagrams without a sink succeeded")
	}
}

func packetCloseOwn(w *world) {
	srv := w.receive(engine.DatagramConfig{Single: true}, func() *packetSink {
		s := w.packetSink()
		s.onReceive = func(s *packetSink, p datagram.Packet) error {
			s.s.Send(p)
			s.s.Close(nil)
			return nil
		}
		return s
	})
	p := w.packetPeer(srv.addr())
	p.send("bye")
	p.want("bye")
	if cause := await(w, "Closed", srv.sink().closed); cause != nil {
		w.Errorf("cause %v", cause)
	}
	await(w, "Done", srv.Done())
}

func packetTimer(w *world) {
	p := w.packetPeerFrom(netip.MustParseAddrPort("127.0.0.1:0"), netip.AddrPort{})
	s := w.packetSink()
	s.onOpen = func(s *packetSink) error {
		s.s.AfterFunc(time.Millisecond, func() { s.text(p.local(), "tick") })
		return nil
	}
	w.connect(p.local().String(), s)
	p.want("tick")
}
