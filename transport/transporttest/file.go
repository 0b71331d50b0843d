package transporttest

import (
	"os"
	"path/filepath"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

var fileCases = []behaviour{
	{"BytesAndFiles", "bytes and files leave in the order in which they were written", bytesAndFiles},
	{"PipelinedFiles", "many requests in one burst are each answered with a header and a file, in order", pipelinedFiles},
	{"FileRange", "a range of a file is sent, not more", fileRange},
	{"CloseAfterFile", "Close right after WriteFile sends the whole file, then the end", closeAfterFile},
	{"ColdFile", "a file that is not in memory arrives, and others are answered meanwhile", coldFile},
}

// file makes a file and returns its path.
func (w *world) file(data []byte) string {
	w.Helper()
	f, err := os.CreateTemp(w.TempDir(), "")
	if err == nil {
		_, err = f.Write(data)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		w.Fatal(err)
	}
	return f.Name()
}

// openFile returns a whole file for WriteFile. It runs on loops.
func openFile(path string) (*channel.File, error) {
	f, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, err
	}
	return channel.WholeFile(f)
}

// sendFile opens a file and writes it.
func (s *sink) sendFile(path string) error {
	f, err := openFile(path)
	if err != nil {
		return err
	}
	return s.ch.WriteFile(f)
}

func bytesAndFiles(w *world) {
	var want []byte
	var writes []func(*sink) error
	bytes := func(n int) {
		data := pattern(n, uint64(len(writes)))
		want = append(want, data...)
		writes = append(writes, func(s *sink) error { return s.ch.Write(s.bytes(data)) })
	}
	file := func(n int) {
		data := pattern(n, uint64(len(writes)))
		want = append(want, data...)
		path := w.file(data)
		writes = append(writes, func(s *sink) error { return s.sendFile(path) })
	}
	file(0)
	bytes(5)
	file(0)
	bytes(1)
	file(1)
	file(64 << 10)
	bytes(100_000)
	file(3<<20 + 7)
	file(0)
	file(0)
	bytes(7)
	file(1)
	file(1)
	bytes(300_000)
	file(0)
	p, s := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onRead = func(s *sink, b *buffer.Buf) error {
			b.Release()
			for _, write := range writes {
				if err := write(s); err != nil {
					return err
				}
			}
			return nil
		}
		return s
	}).connect()
	p.sendText("go")
	p.want(want)
	p.endStream()
	p.wantEnd()
	if err := s.cause(); err != nil {
		w.Errorf("cause %v, want nil", err)
	}
}

func pipelinedFiles(w *world) {
	var paths []string
	var contents [][]byte
	for i, n := range []int{0, 1, 100, 4096, 70_000, 300_000} {
		contents = append(contents, pattern(n, uint64(i)))
		paths = append(paths, w.file(contents[i]))
	}
	p, _ := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onRead = func(s *sink, b *buffer.Buf) error {
			defer b.Release()
			for i := range b.Len() {
				n := int(b.At(i))
				if err := s.ch.Write(s.bytes([]byte{'<', byte(n), '>'})); err != nil {
					return err
				}
				if err := s.sendFile(paths[n]); err != nil {
					return err
				}
			}
			return nil
		}
		return s
	}).connect()
	var requests []byte
	for i := range 90 {
		requests = append(requests, byte(i%len(paths)))
	}
	p.send(requests)
	for _, n := range requests {
		p.want([]byte{'<', n, '>'})
		p.want(contents[n])
	}
}

func fileRange(w *world) {
	data := pattern(200_000, 9)
	path := w.file(data)
	p, _ := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onOpen = func(s *sink) error {
			f, err := os.Open(path)
			if err != nil {
				return err
			}
			part, err := channel.NewFile(f, 1000, 150_000)
			if err != nil {
				return err
			}
			s.ch.WriteFile(part)
			return s.ch.Write(s.text("end"))
		}
		return s
	}).connect()
	p.want(data[1000:151_000])
	p.wantText("end")
}

func closeAfterFile(w *world) {
	data := pattern(6<<20, 4)
	path := w.file(data)
	p, s := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onOpen = func(s *sink) error {
			err := s.sendFile(path)
			s.ch.Close(nil)
			return err
		}
		return s
	}).connect()
	p.want(data)
	p.wantEnd()
	p.Close()
	if err := s.cause(); err != nil {
		w.Errorf("cause %v, want nil", err)
	}
}
