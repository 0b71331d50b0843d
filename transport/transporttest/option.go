package transporttest

import (
	"context"
	"errors"
	"testing"

	"github.com/ropewalk/ropewalk/transport/engine"
)

var optionCases = []behaviour{
	{"Control", "SocketOptions.Control sees the sockets before they are used, and its error is returned", control},
	{"SocketOptions", "options are set on accepted and on dialed connections", socketOptions},
}

func control(w *world) {
	if w.suite.InProcess || !w.suite.Engine.Capabilities().SocketOptions {
		noSockets(w)
		return
	}
	var calls []string
	o := engine.SocketOptions{Control: func(network, address string, fd uintptr) error {
		calls = append(calls, network)
		return nil
	}}
	srv := w.listen(setup{socket: o}, w.echo)
	if len(calls) == 0 {
		w.Errorf("Control was not called by Listen")
	}
	calls = nil
	c := w.dialConfig(srv.Addr(), nil, w.newSink())
	c.Socket = o
	if _, err := w.group.Dial(context.Background(), c); err != nil {
		w.Fatalf("Dial: %v", err)
	}
	if len(calls) == 0 {
		w.Errorf("Control was not called by Dial")
	}
	o.Control = func(string, string, uintptr) error { return errCause }
	if _, err := w.group.Listen(context.Background(), setup{socket: o}.config(w, nil)); !errors.Is(err, errCause) {
		w.Errorf("Listen: %v, want the error of Control", err)
	}
	c.Socket = o
	if _, err := w.group.Dial(context.Background(), c); !errors.Is(err, errCause) {
		w.Errorf("Dial: %v, want the error of Control", err)
	}
}

// socketOptions looks at the sockets of the process, where the system shows them.
func socketOptions(w *world) {
	if w.suite.InProcess || !w.suite.Engine.Capabilities().SocketOptions {
		noSockets(w)
		return
	}
	if !canInspect {
		w.Skip("the system does not show sockets by descriptor")
	}
	for _, c := range []struct {
		name string
		o    engine.SocketOptions
		want socketState
	}{
		{"default", engine.SocketOptions{}, socketState{noDelay: true, keepAlive: 15}},
		{"changed", engine.SocketOptions{Delay: true, KeepAlive: 1e9 * 40}, socketState{keepAlive: 40}},
		{"no keep-alive", engine.SocketOptions{KeepAlive: -1}, socketState{noDelay: true}},
		{"buffers", engine.SocketOptions{SendBuffer: 50_000, ReceiveBuffer: 60_000}, socketState{noDelay: true, keepAlive: 15, buffers: true}},
	} {
		w.Run(c.name, func(t *testing.T) {
			srv := w.listen(setup{socket: c.o}, w.echo)
			p, _ := srv.connect()
			if got := inspect(t, p.RemoteAddr(), p.LocalAddr()); got != c.want {
				t.Errorf("accepted: %+v, want %+v", got, c.want)
			}
			h := w.host("tcp", "127.0.0.1:0")
			dc := w.dialConfig(h.Addr(), nil, w.newSink())
			dc.Socket = c.o
			if _, err := w.group.Dial(context.Background(), dc); err != nil {
				t.Fatalf("Dial: %v", err)
			}
			q := h.accept()
			if got := inspect(t, q.RemoteAddr(), q.LocalAddr()); got != c.want {
				t.Errorf("dialed: %+v, want %+v", got, c.want)
			}
		})
	}
}

// noSockets is for engines that have no sockets to set options of, or do not make them: they say so, call no Control, and work
// all the same.
func noSockets(w *world) {
	if w.suite.Engine.Capabilities().SocketOptions {
		w.Errorf("Capabilities.SocketOptions is true of an engine without sockets of the system")
	}
	o := engine.SocketOptions{
		Delay: true, KeepAlive: -1, SendBuffer: 5000, ReceiveBuffer: 6000,
		Control: func(string, string, uintptr) error {
			w.Errorf("Control was called, with the descriptor of what?")
			return nil
		},
	}
	p, s := w.listen(setup{socket: o}, w.echo).connect()
	talk(w, p, s)
	h := w.host("tcp", "127.0.0.1:0")
	s = w.echo()
	c := w.dialConfig(h.Addr(), nil, s)
	c.Socket = o
	if _, err := w.group.Dial(context.Background(), c); err != nil {
		w.Fatalf("Dial: %v", err)
	}
	talk(w, h.accept(), s)
}

// socketState is what inspect finds.
type socketState struct {
	noDelay   bool
	keepAlive int  // seconds, 0 if there is none
	buffers   bool // both have sizes of 50 to 250 kB
}
