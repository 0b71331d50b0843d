package static

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
)

// scratch is room for paths, of each loop.
var scratch = channel.NewLocal(func(*channel.Loop) *[]byte {
	p := make([]byte, 0, 512)
	return &p
})

// allowed is the field Allow.
const allowed = "GET, HEAD, OPTIONS"

// A call is a request that is being answered.
type call struct {
	*Files
	c *http1.Ctx
	r *http1.Request
	// path is that of the file or directory below the root. There is room for some more behind it, in scratch.
	path []byte
	dir  bool // it was asked for as a directory
	own  bool // it is not that of the target: there is nowhere to redirect to
}

// Serve answers a request for the file that its target names. It is called on the channel's loop. An error is one of the
// channel; whatever is wrong with the request, or with the file, is answered.
//
// It may be all that a handler does: http1.Serve(files.Serve) is a stage.
func (f *Files) Serve(c *http1.Ctx, r *http1.Request) error {
	switch r.Method {
	case "GET", "HEAD":
	case "OPTIONS":
		resp := r.Reply(204)
		resp.Header.Add("Allow", allowed)
		return c.Write(resp)
	default:
		resp := r.Error(405)
		resp.Header.Add("Allow", allowed)
		return c.Write(resp)
	}
	target := r.Path()
	if len(target) == 0 {
		target = []byte{'/'} // RFC 9112 section 3.2.2
	}
	room := scratch.Of(c.Channel().Loop())
	path, dir, status := decodePath((*room)[:0], target)
	*room = path[:0]
	if status != 0 {
		return c.Write(r.Error(status))
	}
	path, ok := below(path, f.prefix)
	if !ok || !f.options.Hidden && isHidden(path) {
		return c.Write(r.Error(404))
	}
	return f.serve(&call{f, c, r, path, dir, false})
}

// ServePath answers a GET or HEAD request with the file at a path below the root, whatever its target is. The path is not
// escaped, and is a valid one in the sense of fs.ValidPath. A directory stands for its index.
func (f *Files) ServePath(c *http1.Ctx, r *http1.Request, path string) error {
	if r.Method != "GET" && r.Method != "HEAD" {
		resp := r.Error(405)
		resp.Header.Add("Allow", "GET, HEAD")
		return c.Write(resp)
	}
	if !fs.ValidPath(path) || strings.IndexByte(path, 0) >= 0 || len(path) > maxPath {
		return c.Write(r.Error(404))
	}
	if path == "." {
		path = ""
	}
	room := scratch.Of(c.Channel().Loop())
	*room = append((*room)[:0], path...)
	return f.serve(&call{f, c, r, *room, path == "", true})
}

func (f *Files) serve(q *call) error {
	if !f.root.enter() {
		return q.fail(errClosed)
	}
	defer f.root.leave()
	switch {
	case q.dir:
	case len(q.path) == 0: // the prefix itself
		return q.redirect()
	default:
		it, err := q.find(q.path)
		switch {
		case err == nil:
			return q.send(it)
		case err != errIsDir:
			return q.fail(err)
		case !q.own:
			return q.redirect()
		}
	}
	return q.index()
}

// A found is the entry of a file, and a File of it that belongs to the request.
type found struct {
	*entry
	file *channel.File
}

// find returns the file at a path, open and in its present state. The path has room for a zero byte behind it, or is copied.
func (q *call) find(path []byte) (found, error) {
	f, l := q.Files, q.c.Channel().Loop()
	e, file, fresh := f.cache.get(path, l)
	if fresh {
		return found{e, file}, nil
	}
	now, err := f.root.stat(append(path, 0))
	if e != nil {
		if err == nil && now.same(&e.stamp) {
			f.cache.confirm(e, l)
			return found{e, file}, nil
		}
		file.Release()
		f.cache.drop(e)
	}
	if err != nil {
		return found{}, err
	}
	name := string(path)
	file, s, err := f.root.open(name, &now)
	if err != nil && isShort(err) {
		f.cache.shed()
		file, s, err = f.root.open(name, &now)
	}
	if err != nil {
		return found{}, err
	}
	e = newEntry(name, file.Clone(), s, typeOf(name, f.options.Types))
	f.cache.put(e)
	return found{e, file}, nil
}

// index answers a request for a directory.
func (q *call) index() error {
	n := len(q.path)
	for _, name := range q.options.Index {
		path := q.path[:n]
		if n > 0 {
			path = append(path, '/')
		}
		it, err := q.find(append(path, name...))
		if err == nil {
			return q.send(it)
		}
		if statusOf(err) != 404 && err != errIsDir {
			return q.fail(err)
		}
	}
	path := string(q.path[:n])
	dir, err := q.root.isDir(path)
	switch {
	case err != nil:
		return q.fail(err)
	case !dir:
		return q.c.Write(q.r.Error(404))
	case !q.options.List || q.own:
		return q.c.Write(q.r.Error(403))
	}
	return q.list(path)
}

// redirect sends a client to the same path with a slash behind it, so that it finds what relative links in the index mean.
// The path is written anew, from the root: it cannot begin with two slashes, which would make it the name of another host.
func (q *call) redirect() error {
	to := []byte{'/'}
	for _, path := range [...]string{q.prefix, string(q.path)} {
		if path != "" {
			to = append(appendEscaped(to, path), '/')
		}
	}
	if query := q.r.Query(); len(query) > 0 {
		to = append(append(to, '?'), query...)
	}
	resp := q.r.Error(301)
	resp.Header.AddBytes("Location", to)
	return q.c.Write(resp)
}

// fail answers a request whose file cannot be opened.
func (q *call) fail(err error) error {
	status := statusOf(err)
	if errors.Is(err, errIsDir) {
		status = 404
	}
	if status >= 500 && err != errClosed {
		q.log(string(q.path), err)
	}
	return q.c.Write(q.r.Error(status))
}
