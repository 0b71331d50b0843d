package transporttest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var localCases = []behaviour{
	{"AbstractUnix", "a Unix socket whose name begins with @ has no file, and both sides talk", abstractUnix},
	{"PeerCredentials", "PeerCredentials tells who the peer of a Unix socket is, or that the engine does not know", peerCredentials},
	{"Descriptors", "open files go with their bytes to the peer and come from it, or are refused and closed", descriptors},
	{"TCPInfo", "TCPInfo tells of the connection, or that the engine does not know", tcpInfo},
}

func abstractUnix(w *world) {
	name := "one name of many" // in a process any name will do
	if !w.suite.InProcess {
		name = fmt.Sprintf("@ropewalk %d %s", os.Getpid(), w.Name())
	}
	srv := w.listen(setup{network: "unix", addr: name}, w.echo)
	if got := srv.Addr().String(); got != name {
		w.Errorf("Addr is %q, want %q", got, name)
	}
	p, s := srv.connect()
	talk(w, p, s)
	s = w.dial(srv.Addr(), nil)
	s.do(func(ch *channel.Channel) { ch.Close(nil) })
	if err := srv.Close(); err != nil {
		w.Errorf("Close: %v", err)
	}
	if _, err := os.Lstat(name); !errors.Is(err, os.ErrNotExist) {
		w.Errorf("there is a file of that name: %v", err)
	}
}

func peerCredentials(w *world) {
	known := w.suite.Engine.Capabilities().Credentials
	ask := func(ch *channel.Channel, want bool) {
		switch c, err := ch.PeerCredentials(); {
		case !want && !errors.Is(err, errors.ErrUnsupported):
			w.Errorf("PeerCredentials: %+v, %v, want errors.ErrUnsupported", c, err)
		case want && (err != nil || c != channel.Credentials{PID: os.Getpid(), UID: os.Getuid(), GID: os.Getgid()}):
			w.Errorf("PeerCredentials: %+v, %v, want ours", c, err)
		}
		f, err := ch.PeerProcess()
		if err == nil {
			f.Close()
		} else if !errors.Is(err, errors.ErrUnsupported) {
			w.Errorf("PeerProcess: %v", err)
		}
	}
	_, s := w.listen(setup{network: "unix", addr: filepath.Join(w.shortDir(), "s")}, w.echo).connect()
	s.do(func(ch *channel.Channel) { ask(ch, known) })
	_, s = w.listen(setup{}, w.echo).connect()
	s.do(func(ch *channel.Channel) { ask(ch, false) })
}

// pipeEnd returns the end of a pipe that is written to, and what reads from it whether that has been closed.
func pipeEnd(w *world) (end *os.File, closed func() bool) {
	r, end, err := os.Pipe()
	if err != nil {
		w.Fatal(err)
	}
	w.atEnd(func() { r.Close() })
	return end, func() bool {
		p := []unix.PollFd{{Fd: int32(r.Fd()), Events: unix.POLLIN}}
		unix.Poll(p, 0)
		return p[0].Revents&unix.POLLHUP != 0
	}
}

func descriptors(w *world) {
	c := setup{network: "unix", addr: filepath.Join(w.shortDir(), "s")}
	passes := w.suite.Engine.Capabilities().Descriptors
	if passes {
		c.socket = engine.SocketOptions{Descriptors: 1}
	}
	files := make(chan []*os.File, 10)
	p, s := w.listen(c, func() *sink {
		s := w.echo()
		s.onRead = func(s *sink, b *buffer.Buf) error {
			files <- s.ch.TakeDescriptors(1)
			return s.ch.Write(b)
		}
		return s
	}).connect()
	end, closed := pipeEnd(w)
	s.do(func(ch *channel.Channel) {
		d, err := channel.NewDescriptors(s.text("take it"), end)
		if err == nil {
			err = ch.WriteDescriptors(d)
		}
		if passes != (err == nil) || !passes && !errors.Is(err, errors.ErrUnsupported) {
			w.Errorf("WriteDescriptors: %v", err)
		}
	})
	if !passes {
		w.eventually("the file to be closed", closed)
		return
	}
	var data, control [100]byte
	conn := p.Conn.(*net.UnixConn)
	n, m, _, _, err := conn.ReadMsgUnix(data[:], control[:])
	if err != nil || string(data[:n]) != "take it" {
		w.Fatalf("peer: got %q, %v", data[:n], err)
	}
	messages, err := unix.ParseSocketControlMessage(control[:m])
	if err != nil || len(messages) != 1 {
		w.Fatalf("peer: %d messages, %v", len(messages), err)
	}
	if _, _, err := conn.WriteMsgUnix([]byte("and back"), slices.Clone(control[:m]), nil); err != nil {
		w.Fatalf("peer: %v", err)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		w.Fatalf("peer: descriptors %v, %v", fds, err)
	}
	unix.Close(fds[0])
	p.wantText("and back")
	got := await(w, "the read", files)
	if len(got) != 1 || closed() {
		w.Fatalf("%d descriptors came back; all closed: %v", len(got), closed())
	}
	got[0].Close()
	w.eventually("the last descriptor to be closed", closed)
}

func tcpInfo(w *world) {
	_, s := w.listen(setup{}, w.echo).connect()
	s.do(func(ch *channel.Channel) {
		var i channel.TCPInfo
		err := ch.TCPInfo(&i)
		if !w.suite.Engine.Capabilities().TCPInfo {
			if !errors.Is(err, errors.ErrUnsupported) {
				w.Errorf("TCPInfo: %v, want errors.ErrUnsupported", err)
			}
		} else if err != nil || i.State != channel.TCPEstablished || i.MSS == 0 {
			w.Errorf("TCPInfo: %+v, %v", i, err)
		}
	})
	if _, ok := w.group.(engine.Sampler); ok != w.suite.Engine.Capabilities().TCPInfo {
		w.Errorf("the group is an engine.Sampler: %v", ok)
	}
}
