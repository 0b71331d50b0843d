package pipelinetest

import (
	"fmt"

	"github.com/ropewalk/ropewalk/buffer"
)

// Feed sends bytes to the pipeline, as one read. While the channel does not read they wait.
func (p *Pipe) Feed(s string) { p.Conn.Feed(s) }

// FeedBytes is Feed for a slice.
func (p *Pipe) FeedBytes(b []byte) { p.Conn.Feed(string(b)) }

// FeedBuf is Feed for a buffer, which it consumes.
func (p *Pipe) FeedBuf(b *buffer.Buf) { p.Conn.FeedBuf(b) }

// FeedEach sends bytes one by one, each as a read of its own.
func (p *Pipe) FeedEach(s string) {
	for i := range len(s) {
		p.Conn.Feed(s[i : i+1])
	}
}

// FeedCut sends bytes in several reads, cut at these places, in ascending order.
func (p *Pipe) FeedCut(s string, at ...int) {
	from := 0
	for _, to := range append(at, len(s)) {
		if to < from || to > len(s) {
			panic(fmt.Sprintf("pipelinetest: FeedCut of %d bytes at %v", len(s), at))
		}
		p.Conn.Feed(s[from:to])
		from = to
	}
}

// EOF ends the peer's stream.
func (p *Pipe) EOF() { p.Conn.FeedEOF() }

// Break ends the connection with an error, as a reset by the peer does.
func (p *Pipe) Break(err error) { p.Conn.Break(err) }

// Unread returns how many bytes that were fed wait because the channel does not read.
func (p *Pipe) Unread() int { return p.Conn.Unread() }

// Reading tells whether the channel reads.
func (p *Pipe) Reading() bool { return p.Conn.Reading() }
