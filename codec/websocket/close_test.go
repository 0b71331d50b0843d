package websocket_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/websocket"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// A Close is answered by one with the same code; nothing is delivered behind it, and the server ends the stream.
func TestCloseByPeer(t *testing.T) {
	end := masked(fin|closes, closing(1000, ""))
	cases := []caseOf{
		{name: "alone", in: end, code: 1000},
		{name: "behind a message", in: masked(fin|text, "Hello") + end, want: plain(fin|text, "Hello"), code: 1000},
		{name: "twice", in: end + end, code: 1000},
		{name: "then a ping", in: end + masked(fin|ping, ""), code: 1000},
		{name: "then a message", in: end + masked(fin|text, "Hello"), code: 1000},
		{name: "then nonsense", in: end + "\xff\xff\xff", code: 1000},
		{name: "in a message", in: masked(text, "frag") + end + masked(fin|cont, "ment"), code: 1000},
		{name: "behind a large message", in: masked(fin|text, strings.Repeat("BAsd7&jh23", 26214)) + end,
			want: plain(fin|text, strings.Repeat("BAsd7&jh23", 26214)), code: 1000},
		{name: "without a code", in: masked(fin|closes, ""), code: -1},
		{name: "with half a code", in: masked(fin|closes, "\x03"), code: 1002, cause: true},
		{name: "with a reason", in: masked(fin|closes, closing(1000, "Hello World!")), code: 1000},
		{name: "with the longest reason", in: masked(fin|closes, closing(1000, strings.Repeat("*", 123))), code: 1000},
		{name: "with a longer reason", in: masked(fin|closes, closing(1000, strings.Repeat("*", 124))), code: 1002, cause: true},
		{name: "with a reason that is not UTF-8", in: masked(fin|closes, closing(1000, "κόσμε\xed\xa0\x80edited")), code: 1007, cause: true},
		{name: "with a reason cut short", in: masked(fin|closes, closing(1000, "κόσμε"[:9])), code: 1007, cause: true},
	}
	for _, code := range []int{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999} {
		cases = append(cases, caseOf{name: fmt.Sprint("code ", code), in: masked(fin|closes, closing(code, "reason")), code: code,
			cause: code > 1001})
	}
	for _, code := range []int{0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 5001, 65535} {
		cases = append(cases, caseOf{name: fmt.Sprint("code ", code), in: masked(fin|closes, closing(code, "")), code: 1002, cause: true})
	}
	check(t, new(websocket.Server), cases)
}

// The cause of the end says what the peer has said.
func TestCloseCause(t *testing.T) {
	for _, c := range []struct {
		in   string
		want string
	}{
		{masked(fin|closes, closing(1000, "bye")), "<nil>"},
		{masked(fin|closes, closing(1001, "")), "<nil>"},
		{masked(fin|closes, ""), "<nil>"},
		{masked(fin|closes, closing(1011, "out of memory")), `websocket: closed by the peer: 1011 (internal error): "out of memory"`},
		{masked(fin|closes, closing(4321, "")), "websocket: closed by the peer: 4321"},
		{masked(fin|text, "\xff"), "websocket: text is not UTF-8 (code 1007)"},
		{"", "websocket: closed by the peer: 1006 (connection ended without a Close)"},
		{masked(fin|text, "Hello")[:7], "websocket: closed by the peer: 1006 (connection ended without a Close)"},
	} {
		in := new(inbox)
		p := pipelinetest.New(t, new(websocket.Server).Stage(), in)
		p.Feed(c.in)
		p.EOF()
		if !in.done || fmt.Sprint(in.cause) != c.want {
			t.Errorf("%q: cause %v, not %v", c.in, in.cause, c.want)
		}
	}
	if err := (&websocket.CloseError{Code: websocket.AbnormalClosure}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v is no io.ErrUnexpectedEOF", err)
	}
}

// open returns a server with its last stage.
func open(t *testing.T, s *websocket.Server) (*pipelinetest.Pipe, *inbox) {
	t.Helper()
	in := new(inbox)
	return pipelinetest.New(t, s.Stage(), in), in
}

// A server that closes waits for the peer's Close, drops what comes before it, and then ends the stream.
func TestCloseByServer(t *testing.T) {
	p, in := open(t, new(websocket.Server))
	p.Feed(masked(text, "begun"))
	p.Do(func(*channel.Channel) {
		if err := websocket.CloseWith(&in.Ctx, websocket.GoingAway, "restart"); err != nil {
			t.Error(err)
		}
		if err := websocket.WriteText(&in.Ctx, "too late"); !errors.Is(err, channel.ErrClosed) {
			t.Errorf("write behind a Close: %v", err)
		}
		if err := websocket.CloseWith(&in.Ctx, websocket.GoingAway, ""); !errors.Is(err, channel.ErrClosed) {
			t.Errorf("second Close: %v", err)
		}
	})
	if out, want := p.Output(), plain(fin|closes, closing(1001, "restart")); out != want {
		t.Errorf("got %q, want %q", out, want)
	}
	p.Feed(masked(fin|cont, "ended") + masked(fin|text, "whole") + masked(fin|ping, "?") + masked(text, "a") + masked(fin|cont, "b"))
	p.Feed(strings.Repeat(masked(fin|text, "dropped"), 3) + "\x81") // and the beginning of one more
	p.Feed("\x81\x00\x00\x00\x00x")
	if out := p.Output(); out != "" || p.Ended() || in.got != nil {
		t.Errorf("wrote %q, ended %v, delivered %q before the peer's Close", out, p.Ended(), in.got)
	}
	p.Feed(masked(fin|closes, closing(1001, "")))
	if out := p.Output(); out != "" || !p.Ended() {
		t.Errorf("wrote %q, ended %v behind the peer's Close", out, p.Ended())
	}
	p.EOF()
	if !in.done || in.cause != nil {
		t.Errorf("done %v, cause %v", in.done, in.cause)
	}
}

// A peer that does not answer a Close is waited for, and no longer.
func TestCloseTimeout(t *testing.T) {
	for _, ping := range []time.Duration{0, -1} { // with a timer and without
		s := &websocket.Server{Timeouts: websocket.Timeouts{Close: 3 * time.Second, Ping: ping, Idle: ping, Message: ping}}
		p, in := open(t, s)
		p.Do(func(*channel.Channel) { websocket.CloseWith(&in.Ctx, websocket.NoStatus, "ignored") })
		if out := p.Output(); out != plain(fin|closes, "") {
			t.Errorf("wrote %q", out)
		}
		p.Advance(2900 * time.Millisecond)
		p.Feed(masked(fin|text, "still here"))
		if p.Ended() {
			t.Error("ended too early")
		}
		p.Advance(200 * time.Millisecond)
		p.EOF()
		if !in.done || !errors.Is(in.cause, websocket.ErrCloseTimeout) {
			t.Errorf("done %v, cause %v", in.done, in.cause)
		}
	}
	s := &websocket.Server{Timeouts: websocket.Timeouts{Close: -1}}
	p, in := open(t, s)
	p.Do(func(*channel.Channel) { websocket.CloseWith(&in.Ctx, websocket.NormalClosure, "") })
	p.Advance(time.Hour)
	if p.Ended() {
		t.Error("ended though it waits for ever")
	}
	p.Feed(masked(fin|closes, ""))
}

// A server that stops tells its peers, and waits for their Close.
func TestDrain(t *testing.T) {
	for _, answers := range []bool{true, false} {
		p, in := open(t, new(websocket.Server))
		p.Conn.Port.Drain()
		p.Loop.Settle()
		p.Conn.Port.Drain()
		p.Loop.Settle()
		if out := p.Output(); out != plain(fin|closes, closing(1001, "")) || p.Ended() {
			t.Errorf("wrote %q, ended %v", out, p.Ended())
		}
		if answers {
			p.Feed(masked(fin|closes, closing(1001, "")))
		} else {
			p.Advance(6 * time.Second)
		}
		if !p.Ended() {
			t.Errorf("answers %v: not ended", answers)
		}
		p.EOF()
		if !errors.Is(in.cause, channel.ErrShutdown) {
			t.Errorf("answers %v: cause %v", answers, in.cause)
		}
	}
}

// A handler's error becomes a code: its own, or 1011 without details.
func TestHandlerError(t *testing.T) {
	failure := errors.New("the database has secrets")
	for _, c := range []struct {
		err  error
		want string
	}{
		{failure, closing(1011, "")},
		{&websocket.Error{Code: 4001, What: "no such room"}, closing(4001, "no such room")},
		{fmt.Errorf("wrapped: %w", &websocket.Error{Code: websocket.PolicyViolation, What: strings.Repeat("ä", 100)}),
			closing(1008, strings.Repeat("ä", 61))},
		{&websocket.Error{Code: websocket.NoStatus, What: "x"}, closing(1011, "x")},
	} {
		p := pipelinetest.New(t, new(websocket.Server).Stage(), websocket.Serve(func(ctx *websocket.Ctx, m websocket.Message) error {
			m.Release()
			websocket.WriteText(ctx, "before")
			return c.err
		}))
		p.Feed(masked(fin|text, "Hello") + masked(fin|text, "again"))
		if out, want := p.Output(), plain(fin|text, "before")+plain(fin|closes, c.want); out != want {
			t.Errorf("%v: got %q, want %q", c.err, out, want)
		}
		p.EOF()
		if !errors.Is(p.Cause(), c.err) {
			t.Errorf("%v: cause %v", c.err, p.Cause())
		}
	}
}

// What is no message is not written, and is released.
func TestInvalidWrites(t *testing.T) {
	type message = websocket.Message
	for _, c := range []struct {
		m    message
		data string
		want error
	}{
		{message{Kind: 0}, "x", websocket.ErrMessage},
		{message{Kind: 3}, "x", websocket.ErrMessage},
		{message{Kind: 11}, "x", websocket.ErrMessage},
		{message{Kind: websocket.Ping, More: true}, "x", websocket.ErrMessage},
		{message{Kind: websocket.Pong, Continued: true}, "x", websocket.ErrMessage},
		{message{Kind: websocket.Ping}, strings.Repeat("x", 126), websocket.ErrMessage},
		{message{Kind: websocket.Close}, "x", websocket.ErrMessage},
		{message{Kind: websocket.Close}, closing(1005, ""), websocket.ErrMessage},
		{message{Kind: websocket.Close}, closing(999, ""), websocket.ErrMessage},
		{message{Kind: websocket.Close}, closing(1000, "\xff"), websocket.ErrMessage},
		{message{Kind: websocket.Text, Continued: true}, "x", websocket.ErrOrder},
	} {
		p, in := open(t, new(websocket.Server))
		p.Do(func(*channel.Channel) {
			m := c.m
			m.Data = p.Buf(c.data)
			if err := in.Write(m); !errors.Is(err, c.want) {
				t.Errorf("%+v with %q: %v", c.m, c.data, err)
			}
		})
		if out := p.Output(); out != "" {
			t.Errorf("%+v with %q: wrote %q", c.m, c.data, out)
		}
	}
	p, in := open(t, new(websocket.Server))
	p.Do(func(*channel.Channel) {
		if err := websocket.CloseWith(&in.Ctx, 1006, ""); !errors.Is(err, websocket.ErrMessage) {
			t.Error(err)
		}
		data := func(s string) *buffer.Buf { return p.Buf(s) }
		in.Write(message{Kind: websocket.Text, More: true, Data: data("a")})
		if err := in.Write(message{Kind: websocket.Text, Data: data("b")}); !errors.Is(err, websocket.ErrOrder) {
			t.Error(err)
		}
		in.Write(message{Kind: websocket.Ping})
		in.Write(message{Kind: websocket.Text, More: true, Continued: true, Data: data("c")})
		in.Write(message{Kind: websocket.Text, Continued: true})
		in.Write(message{Kind: websocket.Binary, Data: data("d")})
	})
	want := plain(text, "a") + plain(fin|ping, "") + plain(cont, "c") + plain(fin|cont, "") + plain(fin|binar, "d")
	if out := p.Output(); out != want {
		t.Errorf("wrote %q, want %q", out, want)
	}
}

func TestCodeNames(t *testing.T) {
	for code, want := range map[websocket.Code]string{1000: "1000 (normal closure)", 1012: "1012 (service restart)", 4000: "4000"} {
		if code.String() != want {
			t.Errorf("%d is called %q", uint16(code), code.String())
		}
	}
	for kind, want := range map[websocket.Kind]string{websocket.Text: "text", websocket.Pong: "pong", 7: "kind 7"} {
		if kind.String() != want {
			t.Errorf("%d is called %q", uint8(kind), kind.String())
		}
	}
}

// What peers do is no news for a log; what a handler does wrong is.
func TestLogLevel(t *testing.T) {
	for _, err := range []error{
		&websocket.Error{Code: websocket.ProtocolError}, &websocket.Error{Code: websocket.MessageTooBig},
		&websocket.CloseError{Code: websocket.AbnormalClosure}, &websocket.CloseError{Code: websocket.InternalError},
		websocket.ErrIdle, websocket.ErrSlow, websocket.ErrCloseTimeout, websocket.ErrSlowConsumer,
	} {
		if level := levelOf(err); level != slog.LevelDebug {
			t.Errorf("%v is logged as %v", err, level)
		}
	}
	if level := levelOf(&websocket.Error{Code: websocket.InternalError}); level != slog.LevelWarn {
		t.Errorf("an internal error is logged as %v", level)
	}
}

func levelOf(err error) slog.Level {
	var own interface{ LogLevel() slog.Level }
	if !errors.As(fmt.Errorf("channel: %w", err), &own) {
		return slog.LevelWarn
	}
	return own.LogLevel()
}
