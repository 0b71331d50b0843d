package channel

import "github.com/ropewalk/ropewalk/buffer"

// fileWeight is what a queued file counts against the watermarks.
const fileWeight = 16 << 10

// Outbound is what a channel has to send, in order: bytes, then perhaps a file, bytes, a file, ... Descriptors may stand where
// files do. A Backend takes from its front. It holds nothing when it is empty.
type Outbound struct {
	bytes  buffer.Queue // before the first file
	files  *File
	weight int // bytes in all queues plus fileWeight for each file
}

// Empty tells whether there is nothing to send now. A Source may be queued that has nothing yet.
func (q *Outbound) Empty() bool {
	return q.bytes.Empty() && (q.files == nil || q.files.source != nil)
}

// Weight returns what the queue counts against the watermarks: bytes, and 16 KiB for each file.
func (q *Outbound) Weight() int { return q.weight }

// First returns the first piece of bytes, and whether nothing but it precedes the next file or the end. It
// is nil when a file comes first. The slice is borrowed until the queue changes.
func (q *Outbound) First() (p []byte, only bool) {
	if q.bytes.Empty() {
		return nil, true
	}
	return q.bytes.First()
}

// Vectors appends the pieces of bytes before the next file to dst, until dst has limit entries or the pieces hold
// maxBytes. The slices are borrowed until the queue changes.
func (q *Outbound) Vectors(dst [][]byte, limit, maxBytes int) [][]byte {
	return q.bytes.Vectors(dst, limit, maxBytes)
}

// Bytes returns the number of bytes before the next file.
func (q *Outbound) Bytes() int { return q.bytes.Len() }

// File returns the next file. While Bytes is not zero, bytes go before it. Where Descriptors are next it is a File of no
// bytes, which stands for them.
func (q *Outbound) File() *File {
	if q.files != nil && q.files.source != nil {
		return nil
	}
	return q.files
}

// Pipe returns what a relay has put in front, nil if something else is next. Advance counts what the engine has moved on.
func (q *Outbound) Pipe() Pipe {
	if q.files == nil || !q.bytes.Empty() {
		return nil
	}
	return q.files.pipe
}

// Advance drops the first n bytes, which were sent: bytes before a file, and the file's own when it comes
// first. A file that was sent completely is closed.
func (q *Outbound) Advance(n int64) {
	for n > 0 {
		if m := int(min(n, int64(q.bytes.Len()))); m > 0 {
			q.bytes.Advance(m)
			q.weight -= m
			n -= int64(m)
			continue
		}
		f := q.files
		if f == nil || f.source != nil {
			panic("channel: Advance beyond the queue")
		}
		m := min(n, f.left)
		f.off, f.left, n = f.off+m, f.left-m, n-m
		if f.left > 0 {
			return
		}
		q.dropFile()
	}
	q.dropEmptyFiles()
}

// dropFile closes the first file; the bytes behind it are next.
func (q *Outbound) dropFile() {
	f := q.files
	q.bytes, q.files = f.after, f.next
	if f.next != nil {
		f.next.last = f.last
	}
	f.after, f.next, f.last = buffer.Queue{}, nil, nil
	q.weight -= fileWeight
	f.Release()
}

// dropEmptyFiles closes files of no bytes at the front.
func (q *Outbound) dropEmptyFiles() {
	for q.files != nil && q.files.left == 0 && q.files.carries == nil && q.files.source == nil && q.bytes.Empty() {
		q.dropFile()
	}
}

func (q *Outbound) push(c *buffer.Cache, b *buffer.Buf) {
	to := &q.bytes
	if q.files != nil {
		to = &q.files.last.after
	}
	q.weight += b.Len()
	to.Push(c, b)
}

func (q *Outbound) pushFile(f *File) {
	q.weight += fileWeight
	f.last = f
	if q.files == nil {
		q.files = f
	} else {
		q.files.last.next = f
		q.files.last = f
	}
	q.dropEmptyFiles()
}

// pushPipe queues n bytes that are in a pipe, and owns it. f stands for it, and must not be in a queue.
func (q *Outbound) pushPipe(f *File, p Pipe, n int) {
	f.pipe, f.left = p, int64(n)
	q.pushFile(f)
}

// Unpipe puts the bytes of the pipe in front, which the engine has read out of it, in its place. It consumes b.
func (q *Outbound) Unpipe(c *buffer.Cache, b *buffer.Buf) {
	q.dropFile()
	behind := q.bytes
	q.bytes = buffer.Queue{}
	q.weight += b.Len()
	for ; b != nil; b = behind.Pop() {
		q.bytes.Push(c, b)
	}
}

// rest returns how many bytes are left to be sent, those of files included.
func (q *Outbound) rest() int64 {
	n := int64(q.weight)
	for f := q.files; f != nil; f = f.next {
		n += f.left - fileWeight
	}
	return n
}

// clear releases all that is queued.
func (q *Outbound) clear() {
	q.bytes.Clear()
	for q.files != nil {
		q.dropFile()
		q.bytes.Clear()
	}
	q.weight = 0
}

// Take moves the first n bytes to the end of another queue, without copying, where Advance would release them: for engines that
// have lent them to the kernel, which reads them later. There must be as many before the next file. The queue does not
// count them any more.
func (q *Outbound) Take(c *buffer.Cache, n int, to *buffer.Queue) {
	q.bytes.Take(c, n, to)
	q.weight -= n
	q.dropEmptyFiles()
}
