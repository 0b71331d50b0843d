package static

import (
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/ropewalk/ropewalk/channel"
)

// An entry is an open file, and what there is to say about it. All but its place in a cache is fixed.
//
// The first request for an entry in a turn of a loop looks at the path again, and at nothing but the path: one call. Others that
// have come to the loop by then are answered by what it has found. If the path now means a file
// with the same stamp (device, inode, size, times), that is the file of the entry, in the state in which it was opened. If
// not, the entry is dropped and the path is opened anew. So what was replaced, edited, cut or removed before a request
// came is seen by that request: a turn begins when the system has told which connections have something to be read. (A peer that
// sends another request before it was answered has it read with what it had sent before.)
//
// That call follows links out of the root, as openat2(2) does not. It cannot reveal anything: all it can do is to say that the
// file is the one of the entry, which was opened in the root and has the same content, owner and permissions since: a change of
// any of them sets the time ctime, which nobody can set back.
type entry struct {
	path  string        // below the root
	file  *channel.File // all of it; belongs to the cache
	stamp stamp
	kind  string // Content-Type
	validators

	newer, older *entry // in the list of a shard
	used         bool   // since the last sweep
	loop         *channel.Loop
	turn         uint64 // of that loop, in which the path was looked at last
}

// newEntry returns the entry of a file that was opened just now.
func newEntry(path string, file *channel.File, s stamp, kind string) *entry {
	e := &entry{path: path, file: file, stamp: s, kind: kind}
	sum := sha256.Sum256(s.appendTo(nil))
	// The digest is for what it hides: numbers of inodes are nobody's business.
	e.etag = `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	t := time.Unix(0, s.mtime).UTC()
	if e.seconds = t.Unix(); !t.After(time.Now()) && t.Year() >= 1 {
		e.modified = t.Format(dateFormat) // not of a time to come, RFC 9110 section 8.8.2.1
	}
	return e
}
