package channeltest

import (
	"os"

	"github.com/ropewalk/ropewalk/channel"
)

// OSFile returns an open file with the given content. Whoever gets it closes it, as a channel.File does.
func (l *Loop) OSFile(content string) *os.File {
	l.t.Helper()
	f, err := os.CreateTemp("", "channeltest-*")
	if err != nil {
		l.t.Fatal(err)
	}
	l.files = append(l.files, f)
	if _, err := f.WriteString(content); err != nil {
		l.t.Fatal(err)
	}
	return f
}

// File returns a channel.File with the given content.
func (l *Loop) File(content string) *channel.File {
	l.t.Helper()
	f, err := channel.WholeFile(l.OSFile(content))
	if err != nil {
		l.t.Fatal(err)
	}
	return f
}

// OpenFiles returns how many of the files from OSFile and File are open.
func (l *Loop) OpenFiles() int {
	n := 0
	for _, f := range l.files {
		if _, err := f.Stat(); err == nil {
			n++
		}
	}
	return n
}

// end closes everything and checks that nothing is left.
func (l *Loop) end() {
	for _, c := range l.conns {
		if c.watch.opened && !c.Wire.closed {
			l.Protect(func() { c.Abort(ErrTestEnded) })
		}
	}
	l.Settle()
	for _, c := range l.conns {
		c.dropInput()
		c.check()
	}
	l.Protect(l.Stop)
	for _, r := range l.log.records {
		l.t.Errorf("channeltest: code on the loop has panicked: %s\n%s", r.value, r.stack)
	}
	if n := l.OpenFiles(); n != 0 {
		l.t.Errorf("channeltest: %d files were not closed", n)
	}
	if n := l.Pool.Live(); n != 0 {
		l.t.Errorf("channeltest: %d buffers were not released", n)
	} else if err := l.Pool.Close(); err != nil {
		l.t.Error("channeltest:", err)
	}
	for _, f := range l.files {
		f.Close()
		os.Remove(f.Name())
	}
}
