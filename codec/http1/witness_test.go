package http1_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// A witness is a handler that answers every request with what it saw of it.
type witness struct {
	way

	methods  []string // of all requests, in order
	seen     []string // what was answered
	answered int
}

// handle is for http1.Serve.
func (w *witness) handle(c *http1.Ctx, r *http1.Request) error {
	w.methods = append(w.methods, r.Method)
	if w.pause {
		c.Channel().SetReading(false)
	}
	head := showHead(r)
	if !w.stream {
		return w.answer(c, r, head+showBody(r.Body)+showTrailer(r))
	}
	var body []byte
	r.OnBody(func(piece *buffer.Buf, end bool) error {
		if piece != nil {
			body = append(body, piece.Bytes()...)
			piece.Release()
		}
		if !end {
			return nil
		}
		if len(body) > 0 {
			head += " " + strconv.Quote(string(body))
		}
		return w.answer(c, r, head+showTrailer(r))
	})
	return nil
}

// refused is how a witness answers CONNECT. The server itself does not use this status.
const refused = 403

// answer answers now, or, if w is late, in a while.
func (w *witness) answer(c *http1.Ctx, r *http1.Request, text string) error {
	w.seen = append(w.seen, text)
	status := 200
	if r.Method == "CONNECT" { // to grant it would be an upgrade
		status = refused
	}
	if !w.late {
		w.answered++
		return c.Write(r.Text(status, text))
	}
	c.Channel().AfterFunc(answerAfter, func() {
		w.answered++
		c.Write(r.Text(status, text)) // it fails when the connection is gone
	})
	return nil
}

// show is what a handler sees of a request: GET /target 1.0 name=value "body" {name=value}. The version 1.1 is left out, and
// so are Host: h, and a body and a trailer that are empty. Names are in lower case.
func show(r *http1.Request) string { return showHead(r) + showBody(r.Body) + showTrailer(r) }

func showHead(r *http1.Request) string {
	s := r.Method + " " + string(r.Target)
	if r.Minor != 1 {
		s += fmt.Sprintf(" 1.%d", r.Minor)
	}
	for name, value := range r.Header.All() {
		if f := showField(name, value); f != "host=h" {
			s += " " + f
		}
	}
	return s
}

func showField(name, value []byte) string {
	v := strconv.QuoteToASCII(string(value))
	if !strings.ContainsAny(v[1:len(v)-1], "\\ =") {
		v = v[1 : len(v)-1]
	}
	return strings.ToLower(string(name)) + "=" + v
}

func showBody(b *buffer.Buf) string {
	if b == nil || b.Len() == 0 {
		return ""
	}
	return " " + strconv.Quote(b.Text(0, b.Len()))
}

func showTrailer(r *http1.Request) string { return showTrailerOf(&r.Trailer) }

func showTrailerOf(h *http1.Header) string {
	if h.Len() == 0 {
		return ""
	}
	s := " {"
	for name, value := range h.All() {
		s += showField(name, value) + " "
	}
	return strings.TrimSuffix(s, " ") + "}"
}

// A lab is where trials are made, one after the other. They share a loop and its pool for a while, because making these
// is most of the work.
type lab struct {
	testing.TB
	scope *scope
	loop  *channeltest.Loop
	used  int
	trial *trial
}

func newLab(t testing.TB) *lab { return &lab{TB: t} }

// bench returns the loop for the next trial.
func (l *lab) bench() *channeltest.Loop {
	const most = 64 // a loop looks at all of its channels, closed or not, in every turn
	if l.loop == nil || l.used == most {
		l.close()
		l.scope = &scope{TB: l.TB, what: "loop"}
		l.loop = channeltest.NewLoop(l.scope)
		l.used = 0
	}
	l.used++
	return l.loop
}

// close ends the loop. If a trial has failed, what it has left there is not told again.
func (l *lab) close() {
	if l.scope != nil {
		l.scope.muted = l.trial != nil && l.trial.failed
		l.scope.end()
	}
	l.scope, l.loop = nil, nil
}

// A scope is a testing.TB for one trial: its failures say what the trial was, and its cleanups run when it ends.
type scope struct {
	testing.TB
	what     string
	failed   bool
	muted    bool
	cleanups []func()
}

func (s *scope) Helper()          {}
func (s *scope) Failed() bool     { return s.failed }
func (s *scope) Cleanup(f func()) { s.cleanups = append(s.cleanups, f) }

func (s *scope) Errorf(format string, args ...any) {
	if s.muted {
		return
	}
	s.TB.Helper()
	s.failed = true
	s.TB.Errorf("%s: %s", s.what, fmt.Sprintf(format, args...))
}

func (s *scope) Error(args ...any) { s.Errorf("%s", fmt.Sprint(args...)) }

func (s *scope) Fatalf(format string, args ...any) {
	s.failed = true
	s.TB.Fatalf("%s: %s", s.what, fmt.Sprintf(format, args...))
}

func (s *scope) Fatal(args ...any) { s.Fatalf("%s", fmt.Sprint(args...)) }

func (s *scope) end() bool {
	for len(s.cleanups) > 0 {
		last := len(s.cleanups) - 1
		f := s.cleanups[last]
		s.cleanups = s.cleanups[:last]
		f()
	}
	return !s.failed
}

type pipe = pipelinetest.Pipe

func hex(n int) string { return strconv.FormatInt(int64(n), 16) }
