package peers

import (
	"encoding/binary"
	"errors"
	"net"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
	"github.com/ropewalk/ropewalk/bench/internal/verify"
)

// TestServers has every server answer in each of its modes, and compares every byte.
func TestServers(t *testing.T) {
	if runtime.NumCPU() < 2 {
		t.Log("with one CPU this takes long")
	}
	b, all := servers(t)
	load := b.Bin("load")
	for _, s := range all {
		for _, mode := range s.modes {
			t.Run(s.name+"/"+mode, func(t *testing.T) {
				if running := s.start(t, mode); running != nil {
					s.check(t, running, load, mode)
				}
			})
		}
		if s.loops {
			for _, mode := range []string{"frame", "fan"} {
				t.Run(s.name+"/"+mode+"/loops", func(t *testing.T) {
					if running := s.start(t, mode, "-loops", "2"); running != nil {
						s.check(t, running, load, mode)
					}
				})
			}
		}
	}
}

// check has a server answer in a mode.
func (s server) check(t *testing.T, running *harness.Server, load, mode string) {
	ctx := t.Context()
	var err error
	switch {
	case strings.HasPrefix(mode, "fan"):
		err = verify.Fan(ctx, load, running)
	case strings.HasPrefix(mode, "frame"):
		err = errors.Join(verify.Echo(ctx, load, running, "frame", 0),
			verify.Conns(ctx, load, running, "rst", 100), verify.Conns(ctx, load, running, "fin", 100))
	default:
		err = verify.Echo(ctx, load, running, mode, 0)
	}
	if err != nil {
		t.Error(err)
	}
	if mode != "raw" {
		tooLong(t, running)
	}
	if running.Counts {
		n, err := running.RuntimeCounts()
		more, err2 := running.RuntimeCounts()
		if err := errors.Join(err, err2); err != nil || n.Mallocs == 0 || more.Mallocs < n.Mallocs {
			t.Errorf("%+v, then %+v, %v", n, more, err)
		}
	}
}

// tooLong sends the head of a frame that nobody accepts: the connection must be closed.
func tooLong(t *testing.T, s *harness.Server) {
	t.Helper()
	c, err := net.Dial("tcp", "127.0.0.1:"+s.Port)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	c.Write(append(binary.BigEndian.AppendUint32(nil, longest+1), "some of it"...))
	n, err := c.Read(make([]byte, 1))
	var timeout net.Error
	if n > 0 || err == nil || errors.As(err, &timeout) && timeout.Timeout() {
		t.Errorf("a frame of more than -max: %d bytes, %v", n, err)
	}
}

// TestWrongIsFound holds that the checks above can fail.
func TestWrongIsFound(t *testing.T) {
	b, _ := servers(t)
	ctx, load := t.Context(), b.Bin("load")
	everybody := server{name: "c-fan", argv: []string{b.Bin("c-fan")}}.start(t, "")
	short := server{name: "std", argv: []string{b.Bin("std")}}
	for what, found := range map[string]struct {
		err  error
		want string
	}{
		"sent to others":     {verify.Echo(ctx, load, everybody, "frame", 0), "bytes"},
		"short frames only":  {verify.Echo(ctx, load, short.start(t, "frame", "-max", "100"), "frame", 0), "1000 B"},
		"short broadcasts":   {verify.Fan(ctx, load, short.start(t, "fan", "-max", "100")), "broadcasts of 1024 B"},
		"connections closed": {verify.Conns(ctx, load, short.start(t, "frame", "-max", "10"), "rst", 10), "closed by the server"},
	} {
		if found.err == nil || !strings.Contains(found.err.Error(), found.want) {
			t.Errorf("%s: %v", what, found.err)
		}
	}
}

// TestCommandLine holds that a wrong command line ends a server, with the reason.
func TestCommandLine(t *testing.T) {
	b, _ := servers(t)
	for args, want := range map[string]string{
		"-mode rwa": `no "rwa", but raw, frame, fan, fanwriters`,
		"-max 0":    "-max",
		"-loops 0":  "-loops",
		"more":      `"more"`,
	} {
		out, err := exec.CommandContext(t.Context(), b.Bin("std"), strings.Fields(args)...).CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(string(out), want) {
			t.Errorf("%s: %v, %q", args, err, out)
		}
	}
}
