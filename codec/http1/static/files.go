package static

import (
	"fmt"
	"log/slog"
	"mime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
)

// Options say how files are served. The zero Options are those of a cautious server of ordinary pages.
type Options struct {
	// Prefix is what the paths of targets begin with, whole segments of it: with "/assets/" the target /assets/a.css is the
	// file a.css. Other targets are not found. Empty means that all paths are below the root.
	Prefix string
	// Index are the names of files that are sent for a directory that has one, the first that is there. Nil means
	// index.html; an empty list means none.
	Index []string
	// List answers requests for other directories with a page of the names in them, 10,000 or 8 MiB at most. Otherwise it is 403.
	List bool
	// Hidden serves files and directories whose names begin with a dot, and lists them. Otherwise there are none, but for
	// /.well-known/.
	Hidden bool
	// Precompressed sends, of a file "a.js", the file "a.js.br", "a.js.zst" or "a.js.gz" instead, if there is one that is not
	// older, and the client accepts that coding. All answers then have Vary: Accept-Encoding.
	Precompressed bool
	// Types are content types for extensions, ".txt", in addition to the usual ones or in place of them.
	Types map[string]string
	// CacheControl is sent as the field Cache-Control. Empty means none.
	CacheControl string
	// Header are more fields to be sent with files and lists.
	Header []Field
	// MaxOpen is how many files are kept open. Zero means 1024; negative means none: each request then opens its file.
	MaxOpen int
	// Idle is how long a file is kept open that nobody asks for, up to twice this time. Zero means a minute; negative means
	// until others need the place.
	Idle time.Duration
	// DirectIO is the size in bytes from which on files are read by direct I/O, which leaves the page cache to others. Zero means
	// that none are. It is for large files that are seldom read twice; it is slower for those that are.
	DirectIO int64
	// Logger is told why a file could not be served, if that is not the client's doing; once a second at most. Nil means
	// slog.Default.
	Logger *slog.Logger
}

// A Field is a field of a response.
type Field struct{ Name, Value string }

const (
	// DefaultMaxOpen is the MaxOpen of Options that do not set it.
	DefaultMaxOpen = 1024
	// DefaultIdle is the Idle of Options that do not set it.
	DefaultIdle = time.Minute
)

// Files is a directory that is served. One value serves any number of channels on any number of loops.
type Files struct {
	options Options
	root    *root
	cache   *cache
	workers channel.Workers
	prefix  string // without slashes at the ends
	closed  atomic.Bool
	logged  atomic.Int64 // when, in seconds since 1970
}

// Open returns the Files below a directory. That is the directory which dir means now: if a link in dir is changed later,
// or the directory is renamed, it stays the same one.
func Open(dir string, o Options) (*Files, error) {
	if o.MaxOpen == 0 {
		o.MaxOpen = DefaultMaxOpen
	}
	if o.Idle == 0 {
		o.Idle = DefaultIdle
	}
	if o.Index == nil {
		o.Index = []string{"index.html"}
	}
	if o.CacheControl != "" {
		o.Header = append([]Field{{"Cache-Control", o.CacheControl}}, o.Header...)
	}
	f := &Files{options: o, prefix: strings.Trim(o.Prefix, "/")}
	if err := f.check(); err != nil {
		return nil, err
	}
	var err error
	if f.root, err = openRoot(dir); err != nil {
		return nil, fmt.Errorf("static: %w", err)
	}
	f.cache = newCache(o.MaxOpen, o.Idle)
	mime.TypeByExtension(".html") // reads the system's tables, once, for which no loop should wait
	return f, nil
}

// check looks for what would make all responses fail.
func (f *Files) check() error {
	var h http1.Header
	for _, one := range f.options.Header {
		h.Add(one.Name, one.Value)
	}
	for _, t := range f.options.Types {
		h.Add("Content-Type", t)
	}
	if err := h.Err(); err != nil {
		return fmt.Errorf("static: %w", err)
	}
	for _, name := range f.options.Index {
		if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00") {
			return fmt.Errorf("static: %q cannot be the name of an index", name)
		}
	}
	return nil
}

// Close closes the files that are open, and the directory. Requests that come later are answered 503; files that are being
// sent go on, and are closed when they are through. Any goroutine may call it, more than once.
func (f *Files) Close() error {
	if f.closed.CompareAndSwap(false, true) {
		f.cache.close()
		f.root.leave()
	}
	return nil
}

// Stats returns what has been counted so far. Any goroutine may call it.
func (f *Files) Stats() Stats {
	s := f.cache.stats()
	s.Calls = f.root.calls.Load()
	return s
}

// log reports an error of the system.
func (f *Files) log(path string, err error) {
	now := time.Now().Unix()
	if last := f.logged.Load(); last == now || !f.logged.CompareAndSwap(last, now) {
		return
	}
	l := f.options.Logger
	if l == nil {
		l = slog.Default()
	}
	l.Error("static: file cannot be served", "path", path, "error", err)
}
