package transporttest

import (
	"time"

	"github.com/ropewalk/ropewalk/channel"
)

var lingerCases = []behaviour{
	{"LingerEndsWithPeer", "a closed channel waits for its peer's end, and not longer", lingerEndsWithPeer},
	{"LingerTimeout", "a peer that does not end its stream is waited for no longer than Linger", lingerTimeout},
	{"LingerNone", "with a negative Linger nobody is waited for", lingerNone},
	{"LingerStuck", "a closing channel whose peer takes nothing is ended with ErrFlushTimeout", lingerStuck},
	{"LingerFlood", "a peer that floods a closed channel is cut off", lingerFlood},
}

func lingerEndsWithPeer(w *world) {
	ping := w.bystanders()
	p, s := w.listen(setup{options: channel.Options{Linger: time.Hour}}, w.newSink).connect()
	s.do(func(ch *channel.Channel) { ch.Close(nil) })
	p.wantEnd()
	ping()
	never(w, "Closed", s.closed)
	p.endStream()
	if err := s.cause(); err != nil {
		w.Errorf("cause %v, want nil", err)
	}
}

func lingerTimeout(w *world) {
	const linger = 40 * time.Millisecond
	p, s := w.listen(setup{options: channel.Options{Linger: linger}}, w.newSink).connect()
	start := time.Now()
	s.do(func(ch *channel.Channel) { ch.Close(nil) })
	p.wantEnd()
	if err := s.cause(); err != nil {
		w.Errorf("cause %v, want nil: everything was sent", err)
	}
	// The loop reads its clock once a turn: the time may begin a little before start.
	if d := time.Since(start); d < linger/2 {
		w.Errorf("waited %v, want %v", d, linger)
	}
}

func lingerNone(w *world) {
	p, s := w.listen(setup{options: channel.Options{Linger: -1}}, w.newSink).connect()
	s.do(func(ch *channel.Channel) { ch.Close(nil) })
	if err := s.cause(); err != nil {
		w.Errorf("cause %v, want nil", err)
	}
	p.wantEnd()
}

func lingerStuck(w *world) {
	p, s := w.listen(setup{options: channel.Options{
		FlushTimeout: 30 * time.Millisecond, Marks: channel.Watermark{Max: -1},
	}}, w.newSink).connect()
	s.do(func(ch *channel.Channel) {
		if err := ch.Write(s.bytes(make([]byte, big))); err != nil {
			w.Errorf("Write: %v", err)
		}
		ch.Close(nil)
	})
	if err := s.cause(); err != channel.ErrFlushTimeout {
		w.Errorf("cause %v, want ErrFlushTimeout", err)
	}
	p.wantGone()
}

func lingerFlood(w *world) {
	p, s := w.listen(setup{options: channel.Options{Linger: time.Hour}}, w.newSink).connect()
	s.do(func(ch *channel.Channel) { ch.Close(errCause) })
	p.wantEnd()
	junk := make([]byte, 64<<10)
	for range 4096 {
		if _, err := p.Write(junk); err != nil {
			if err := s.cause(); err != errCause {
				w.Errorf("cause %v, want the one that Close was given", err)
			}
			return
		}
	}
	w.Errorf("256 MiB were taken from the peer of a closed channel")
}
