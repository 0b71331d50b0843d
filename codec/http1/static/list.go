package static

import (
	"bytes"
	"errors"
	"html"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/ropewalk/ropewalk/channel"
)

// A list has maxListed names, or a page of some maxPage bytes. Behind them it says that there are more.
const (
	maxListed = 10_000
	maxPage   = 8 << 20
)

// An item is a line of a list.
type item struct {
	name string
	dir  bool
	size int64
	time time.Time
}

// list answers a request with the names in a directory. A worker reads it, which may take some time; nothing of the request but
// its answer is used afterwards.
func (q *call) list(path string) error {
	f, c, r := q.Files, q.c, q.r
	var none validators // other preconditions need some, and hold
	switch status, _ := none.check(&r.Header); status {
	case 304:
		return c.Write(q.fields(r.Reply(304), nil))
	case 412:
		return q.refuse(r.Error(412))
	}
	title := "/"
	for _, p := range [...]string{f.prefix, path} {
		if p != "" {
			title += p + "/"
		}
	}
	remote := c.Remote()
	f.workers.Do(func() {
		items, more, err := f.items(path)
		var page []byte
		if err == nil {
			page = appendList(nil, title, items, more)
		}
		f.answerLater(remote, func(*channel.Channel) error {
			q := &call{Files: f, c: c, r: r, path: []byte(path)}
			if err != nil {
				return q.fail(err)
			}
			resp := r.Reply(200)
			resp.Header.Add("Content-Type", "text/html; charset=utf-8")
			b := c.Alloc(len(page))
			b.Write(page)
			resp.Body = b
			return c.Write(q.fields(resp, nil))
		})
	})
	return nil
}

const bringRetry = 20 * time.Millisecond

// answerLater calls f on the loop of a channel, if it is still there. It closes the channel with an error that f returns.
func (f *Files) answerLater(remote channel.Remote, answer func(*channel.Channel) error) {
	remote.Do(func(ch *channel.Channel, err error) {
		switch {
		case errors.Is(err, channel.ErrRemoteFull):
			time.AfterFunc(bringRetry, func() { f.answerLater(remote, answer) })
		case err == nil && !ch.Closing():
			if err := answer(ch); err != nil {
				ch.Close(err)
			}
		}
	})
}

// items returns what is in a directory: directories first, by name.
func (f *Files) items(path string) (items []item, more bool, err error) {
	if !f.root.enter() {
		return nil, false, errClosed
	}
	defer f.root.leave()
	if path == "" {
		path = "."
	}
	dir, err := f.root.dir.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, false, escape(err)
	}
	defer dir.Close()
	for len(items) <= maxListed {
		entries, err := dir.ReadDir(256)
		for _, e := range entries {
			if !f.options.Hidden && e.Name()[0] == '.' {
				continue
			}
			info, err := f.root.dir.Lstat(path + "/" + e.Name())
			if err != nil { // it has just been removed
				continue
			}
			items = append(items, item{e.Name(), info.IsDir(), info.Size(), info.ModTime()})
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, false, err
		}
	}
	if more = len(items) > maxListed; more {
		items = items[:maxListed]
	}
	slices.SortFunc(items, func(a, b item) int {
		if a.dir != b.dir {
			if a.dir {
				return -1
			}
			return 1
		}
		return strings.Compare(a.name, b.name)
	})
	return items, more, nil
}

// appendList appends a page. Names are data: they are escaped as what they stand in, and links begin with "./", since a name
// could be read as one with a scheme.
func appendList(p []byte, title string, items []item, more bool) []byte {
	name := html.EscapeString(strings.ToValidUTF8(title, "\uFFFD"))
	p = append(p, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"...)
	p = append(p, "<meta name=\"viewport\" content=\"width=device-width\">\n<title>"+name+"</title>\n"...)
	p = append(p, "<style>body{font-family:sans-serif;margin:1em}td,th{padding:.1em 1em .1em 0;text-align:left}"...)
	p = append(p, "td:nth-child(2){text-align:right;font-variant-numeric:tabular-nums}</style>\n"...)
	p = append(p, "</head><body>\n<h1>"+name+"</h1>\n<table>\n<tr><th>Name</th><th>Bytes</th><th>Changed (UTC)</th></tr>\n"...)
	if strings.Count(title, "/") > 1 {
		p = append(p, "<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n"...)
	}
	for _, it := range items {
		if len(p) >= maxPage {
			more = true
			break
		}
		slash, size := "", strconv.FormatInt(it.size, 10)
		if it.dir {
			slash, size = "/", ""
		}
		p = append(p, "<tr><td><a href=\"./"...)
		p = append(appendEscaped(p, it.name), slash+"\">"...)
		p = append(p, html.EscapeString(strings.ToValidUTF8(it.name, "\uFFFD"))+slash+"</a></td><td>"+size+"</td><td>"...)
		p = append(it.time.UTC().AppendFormat(p, time.DateTime), "</td></tr>\n"...)
	}
	p = append(p, "</table>\n"...)
	if more {
		p = append(p, "<p>There are more.</p>\n"...)
	}
	return append(bytes.TrimSpace(p), "\n</body></html>\n"...)
}
