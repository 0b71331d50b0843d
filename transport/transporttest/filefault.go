package transporttest

import (
	"errors"
	"io"
	"os"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

var fileFaultCases = []behaviour{
	{"FileShrinks", "a file that becomes shorter while it is sent closes its connection with ErrFileShrank, and no other", fileShrinks},
	{"FileEmptied", "a file that is empty when its turn comes closes its connection with ErrFileShrank", fileEmptied},
	{"FilesDropped", "files that were not sent are closed with their connection", filesDropped},
}

// big is more than the kernel takes for a peer that does not read.
const big = 48 << 20

// sparse returns the path of a file of zeros.
func (w *world) sparse(n int64) string {
	w.Helper()
	path := w.file(nil)
	if err := os.Truncate(path, n); err != nil {
		w.Fatal(err)
	}
	return path
}

func fileShrinks(w *world) {
	path := w.sparse(big)
	ping := w.bystanders()
	p, s := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onOpen = func(s *sink) error { return s.sendFile(path) }
		return s
	}).connect()
	p.want(make([]byte, 1)) // it is on its way, and cannot get further than the buffers between us
	if err := os.Truncate(path, 1<<20); err != nil {
		w.Fatal(err)
	}
	n, _ := io.Copy(io.Discard, p)
	if n >= big-1 {
		w.Errorf("peer: got %d bytes, the whole file", n)
	}
	if err := s.cause(); !errors.Is(err, channel.ErrFileShrank) {
		w.Errorf("cause %v, want ErrFileShrank", err)
	}
	ping()
}

func fileEmptied(w *world) {
	path := w.sparse(1 << 20)
	p, s := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onRead = func(s *sink, b *buffer.Buf) error {
			b.Release()
			f, err := openFile(path)
			if err != nil {
				return err
			}
			if err := os.Truncate(path, 0); err != nil {
				return err
			}
			return s.ch.WriteFile(f)
		}
		return s
	}).connect()
	p.sendText("go")
	p.wantGone()
	if err := s.cause(); !errors.Is(err, channel.ErrFileShrank) {
		w.Errorf("cause %v, want ErrFileShrank", err)
	}
}

func filesDropped(w *world) {
	path := w.sparse(big)
	p, s := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onOpen = func(s *sink) error {
			for range 5 {
				if err := s.sendFile(path); err != nil {
					return err
				}
				if err := s.ch.Write(s.text("between")); err != nil {
					return err
				}
			}
			return nil
		}
		return s
	}).connect()
	p.want(make([]byte, 1))
	s.do(func(ch *channel.Channel) { ch.Abort(nil) })
	s.cause() // the end of the case counts descriptors
}
