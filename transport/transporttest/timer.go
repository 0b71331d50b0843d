package transporttest

import (
	"time"

	"github.com/ropewalk/ropewalk/channel"
)

var timerCases = []behaviour{
	{"TimerFires", "a timer runs on an idle loop, not before its time, and what it writes leaves", timerFires},
	{"TimersInOrder", "timers run in the order of their times, whatever the order in which they were set", timersInOrder},
	{"TimerResetAndStop", "a timer that was stopped does not run, one that was reset runs at its new time", timerResetAndStop},
	{"TimersEndWithChannel", "the timers of a closed channel do not run", timersEndWithChannel},
}

func timerFires(w *world) {
	const d = 25 * time.Millisecond
	start := make(chan time.Time, 1)
	p, _ := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onOpen = func(s *sink) error {
			start <- time.Now()
			s.ch.AfterFunc(d, func() { s.ch.Write(s.text("tick")) })
			return nil
		}
		return s
	}).connect()
	p.wantText("tick")
	// The time is counted from the start of the turn.
	if took := time.Since(<-start); took < d-5*time.Millisecond {
		w.Errorf("fired after %v, want %v", took, d)
	}
}

func timersInOrder(w *world) {
	p, _ := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onOpen = func(s *sink) error {
			for _, n := range []int{4, 1, 3, 0, 2} {
				s.ch.AfterFunc(time.Duration(5+4*n)*time.Millisecond, func() { s.ch.Write(s.text(string(rune('0' + n)))) })
			}
			return nil
		}
		return s
	}).connect()
	p.wantText("01234")
}

func timerResetAndStop(w *world) {
	p, _ := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onOpen = func(s *sink) error {
			say := func(text string) func() { return func() { s.ch.Write(s.text(text)) } }
			stopped := s.ch.AfterFunc(5*time.Millisecond, say("stopped "))
			later := s.ch.AfterFunc(time.Millisecond, say("third "))
			sooner := s.ch.AfterFunc(time.Hour, say("first "))
			s.ch.AfterFunc(15*time.Millisecond, say("second "))
			stopped.Stop()
			later.Reset(25 * time.Millisecond)
			sooner.Reset(10 * time.Millisecond)
			return nil
		}
		return s
	}).connect()
	p.wantText("first second third ")
}

func timersEndWithChannel(w *world) {
	w.loops = 1
	srv := w.listen(setup{}, w.newSink)
	_, s := srv.connect()
	_, other := srv.connect()
	fired := make(chan string, 2)
	s.do(func(ch *channel.Channel) {
		ch.AfterFunc(10*time.Millisecond, func() { fired <- "the timer of a closed channel" })
		ch.AfterFunc(time.Hour, func() {})
		ch.Abort(nil)
	})
	s.cause()
	other.do(func(ch *channel.Channel) {
		ch.AfterFunc(20*time.Millisecond, func() { fired <- "the other" })
	})
	if got := await(w, "a timer", fired); got != "the other" {
		w.Errorf("%s has run", got)
	}
}
