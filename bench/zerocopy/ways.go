package main

import (
	"slices"
	"strings"
)

// A way is one way to send a file.
type way struct {
	key  string // what -ways calls it
	row  string // what tables call it
	mode string // the sender's -way

	ours   bool   // ropewalk, not C
	engine string // of ours
	extra  bool   // only if it is asked for

	// How often the sender's CPU copies each byte, by what the code and the manual pages say: from the page cache into
	// user space, between places in user space, and from user space into the socket. copied is read off notices instead.
	toUser, inUser, fromUser int
	notices                  bool
}

var ways = []way{
	{key: "copy", row: copying, mode: "copy", toUser: 1, fromUser: 1},
	{key: "again", row: copyingAgain, mode: "copy", toUser: 1, fromUser: 1},
	{key: "mmap", row: mapping, mode: "mmap", fromUser: 1},
	{key: "sendfile", row: sending, mode: "sendfile"},
	{key: "loop", row: sendingLoop, mode: "loop"},
	{key: "splice", row: "splice, 64 KiB pipe", mode: "splice"},
	{key: "splice1m", row: "splice, 1 MiB pipe", mode: "splice1m"},
	{key: "tee", row: "splice + tee, 1 MiB", mode: "tee"},
	{key: "direct", row: "O_DIRECT + write", mode: "direct", fromUser: 1},
	{key: "zerocopy", row: "mmap + MSG_ZEROCOPY", mode: "zerocopy", notices: true},
	{key: "send_zc", row: "mmap + uring send_zc", mode: "send_zc", notices: true},
	{key: "uring_splice", row: "uring splice, 1 MiB", mode: "uring_splice"},
	{key: "file", row: ourFile, mode: "file", ours: true, engine: "epoll"},
	{key: "map", row: "ropewalk Map", mode: "map", ours: true, engine: "epoll", fromUser: 1},
	{key: "map_zerocopy", row: "ropewalk Map, ZeroCopy", mode: "zerocopy", ours: true, engine: "epoll", fromUser: 1, notices: true},
	{key: "rw_direct", row: "ropewalk Direct", mode: "direct", ours: true, engine: "epoll", fromUser: 1},
	{key: "file_uring", row: "ropewalk File, uring", mode: "file", ours: true, engine: "uring", extra: true},
}

// Rows that the code names.
const (
	copying      = "read+write" // what all others are compared with
	copyingAgain = "read+write again"
	mapping      = "mmap+write"
	sending      = "sendfile"
	sendingLoop  = "sendfile, epoll"
	ourFile      = "ropewalk File"
)

func wayOf(key string) (way, bool) {
	i := slices.IndexFunc(ways, func(w way) bool { return w.key == key })
	if i < 0 {
		return way{}, false
	}
	return ways[i], true
}

// wayOfRow returns the way of a row.
func wayOfRow(row string) way {
	for _, w := range ways {
		if w.row == row {
			return w
		}
	}
	return way{}
}

func wayKeys() string {
	var keys []string
	for _, w := range ways {
		keys = append(keys, w.key)
	}
	return strings.Join(keys, ",")
}

// selected returns the ways that take part.
func (l *lab) selected() []way {
	var some []way
	for _, w := range ways {
		if w.row == copying || slices.Contains(l.chosen, w.key) || len(l.chosen) == 0 && !w.extra {
			some = append(some, w)
		}
	}
	return some
}

// kind returns the sender of a way, for the files of a folder.
func (l *lab) kind(w way, root string, more ...string) kind {
	if w.ours {
		return kind{Name: w.row, Argv: append([]string{l.Bin("server"), "-way", w.mode, "-engine", w.engine, "-root", root}, more...), Go: true}
	}
	return kind{Name: w.row, Argv: append([]string{l.Bin("send"), "-way", w.mode, "-root", root}, more...)}
}
