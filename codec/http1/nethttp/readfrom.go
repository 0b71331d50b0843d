package nethttp

import (
	"io"
	"net/http"
	"os"
	"syscall"

	"github.com/ropewalk/ropewalk/buffer"
)

// leastFile is how many bytes a file must have left to be sent by the loop; fewer are copied.
const leastFile = fileWeight

// ReadFrom implements io.ReaderFrom. Of a file, or an io.LimitedReader on one, the loop sends the bytes itself, by
// sendfile(2) where it can: it has a descriptor of its own, so the file may be closed when ReadFrom returns, but not
// become shorter. Everything else is read into the buffers that it is sent from.
func (w *response) ReadFrom(src io.Reader) (n int64, err error) {
	if !w.decided {
		// As net/http does: enough to tell the type, and nothing is sent before the source has something.
		if n, err = io.Copy(writerOnly{w}, io.LimitReader(src, sniffed)); err != nil || n < sniffed {
			return n, err
		}
		if err := w.FlushError(); err != nil {
			return n, err
		}
	}
	if w.over.Load() || w.hijacked || !bodyAllowed(w.status) || w.head.method == http.MethodHead {
		m, err := io.Copy(writerOnly{w}, src)
		return n + m, err
	}
	if file, most, ok := fileOf(src); ok {
		m, err := w.sendFile(file, most)
		if limited, ok := src.(*io.LimitedReader); ok {
			limited.N -= m
		}
		if n += m; m > 0 || err != nil {
			return n, err
		}
	}
	m, err := w.readPieces(src)
	return n + m, err
}

// writerOnly hides ReadFrom.
type writerOnly struct{ io.Writer }

// A file is what ReadFrom knows an *os.File by, since io.Copy passes one on without some of its methods.
type file interface {
	io.ReadSeeker
	syscall.Conn
	Name() string
	Stat() (os.FileInfo, error)
}

// fileOf returns the file that a source is, and how much of it is wanted: -1 means all.
func fileOf(src io.Reader) (f file, most int64, ok bool) {
	most = -1
	if limited, is := src.(*io.LimitedReader); is {
		src, most = limited.R, max(limited.N, 0)
	}
	f, ok = src.(file)
	return f, most, ok
}

// sendFile passes on what a file has from where it stands on, and moves it. It returns 0 if that cannot be done or is not
// worth it.
func (w *response) sendFile(f file, most int64) (int64, error) {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return 0, nil
	}
	at, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0, nil
	}
	n := max(info.Size()-at, 0)
	if most >= 0 {
		n = min(n, most)
	}
	if n < leastFile {
		return 0, nil
	}
	part := duplicate(f, info.Size(), at, n)
	if part == nil {
		return 0, nil
	}
	if err := w.passes(n); err != nil {
		part.Release()
		return 0, err
	}
	if w.failure = w.out.pushFile(part); w.failure != nil {
		return 0, w.failure
	}
	_, err = f.Seek(at+n, io.SeekStart)
	return n, err
}

// passes prepares to pass n bytes of the body on, behind what was written before.
func (w *response) passes(n int64) error {
	err := w.admit(n)
	if err == nil && len(w.buf) > 0 {
		_, err = passOn(&w.out, w.buf, "")
		w.buf, w.failure = w.buf[:0], err
	}
	return err
}

// readPieces reads src to its end, into the buffers that are sent.
func (w *response) readPieces(src io.Reader) (n int64, err error) {
	for {
		if err := w.admit(0); err != nil {
			return n, err
		}
		b, rerr, err := readPiece(w.conn.pool, src)
		if err != nil {
			return n, err
		}
		if b != nil {
			m := b.Len()
			if err := w.passes(int64(m)); err != nil {
				b.Release()
				return n, err
			}
			if w.failure = w.out.push(b); w.failure != nil {
				return n, w.failure
			}
			n += int64(m)
		}
		if rerr == io.EOF {
			return n, nil
		} else if rerr != nil {
			return n, rerr
		}
	}
}

// readPiece reads once from src into a new buffer, nil if nothing came. It returns what Read has returned, and why there is no
// buffer to read into. The source is the application's: it may panic.
func readPiece(pool *buffer.Pool, src io.Reader) (b *buffer.Buf, readErr, err error) {
	room, err := pool.TryAlloc(piece)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if b == nil {
			room.Release()
		}
	}()
	m, readErr := src.Read(room.Tail(piece)[:piece])
	if m > 0 {
		room.Commit(m)
		b = room
	}
	return b, readErr, nil
}
