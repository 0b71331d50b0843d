//go:build linux

package transport

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
)

func TestLogsAddress(t *testing.T) {
	log := new(journal)
	r := start(t, &Server{Accept: newEcho, Logger: log.logger()})
	if want := `msg="listening on ` + r.Addr().String() + `"`; !strings.Contains(log.String(), want) {
		t.Errorf("the log is %q, want it to have %s", log, want)
	}
}

// A connection that ends because of an error of ours is a warning, one that the peer broke is for debugging, one that
// ends as it should, or because the server stops, is nothing.
func TestLogsCauses(t *testing.T) {
	log := new(journal)
	r := start(t, &Server{Accept: newEcho, Logger: log.logger()})

	normal := connect(t, r.Addr())
	ping(t, normal)
	normal.Close()

	bad := connect(t, r.Addr())
	io.WriteString(bad, "fail")
	io.Copy(io.Discard, bad)

	broken := connect(t, r.Addr())
	ping(t, broken)
	name := broken.LocalAddr().String()
	broken.(*net.TCPConn).SetLinger(0)
	broken.Close()

	idle := connect(t, r.Addr())
	ping(t, idle)
	bad.Close()
	eventually(t, "three connections to be gone", func() bool { return r.Conns() == 1 })
	stopped := make(chan error, 1)
	go func() { stopped <- r.Shutdown(context.Background()) }()
	io.Copy(io.Discard, idle)
	idle.Close()
	if err := await(t, "Shutdown", stopped); err != nil {
		t.Errorf("Shutdown: %v", err)
	}

	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 3 { // the first is the address
		t.Fatalf("%d lines were logged, want 3:\n%s", len(lines), log)
	}
	for _, want := range []struct{ level, peer, text string }{
		{"level=WARN", bad.LocalAddr().String(), errBad.Error()},
		{"level=DEBUG", name, "connection reset by peer"},
	} {
		found := false
		for _, line := range lines {
			found = found || strings.Contains(line, want.level) && strings.Contains(line, "peer="+want.peer) && strings.Contains(line, want.text)
		}
		if !found {
			t.Errorf("no line has %v:\n%s", want, log)
		}
	}
}
