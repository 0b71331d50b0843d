package datagramtest

import (
	"net/netip"
	"testing"

	"github.com/ropewalk/ropewalk/channel/datagram"
)

// watch is a sink in front of the one under test that holds the socket to the rules of datagram.Sink.
type watch struct {
	datagram.Sink
	t      testing.TB
	opened bool
	closed int
	cause  error
	inside string
}

func (w *watch) enter(call string) {
	w.t.Helper()
	if w.inside != "" || w.closed > 0 || w.opened == (call == "Open") {
		w.t.Errorf("datagramtest: %s out of order: inside %q, Open told: %v, Closed told %d times", call, w.inside, w.opened, w.closed)
	}
	w.inside = call
}

func (w *watch) leave() { w.inside = "" }

func (w *watch) Open(s *datagram.Socket) error {
	w.enter("Open")
	defer w.leave()
	w.opened = true
	return w.Sink.Open(s)
}

func (w *watch) Receive(p datagram.Packet) error {
	w.enter("Receive")
	defer w.leave()
	return w.Sink.Receive(p)
}

func (w *watch) ReceiveDone() error {
	w.enter("ReceiveDone")
	defer w.leave()
	return w.Sink.ReceiveDone()
}

func (w *watch) Failed(to netip.AddrPort, err error) error {
	w.enter("Failed")
	defer w.leave()
	return w.Sink.Failed(to, err)
}

func (w *watch) Writable() error {
	w.enter("Writable")
	defer w.leave()
	return w.Sink.Writable()
}

func (w *watch) Closed(cause error) {
	w.enter("Closed")
	defer w.leave()
	w.closed++
	w.cause = cause
	w.Sink.Closed(cause)
}

// Drain passes on what Port.Drain asks, if the sink under test knows about it.
func (w *watch) Drain() bool {
	d, ok := w.Sink.(interface{ Drain() bool })
	return ok && d.Drain()
}
