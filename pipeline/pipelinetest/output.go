package pipelinetest

import "github.com/ropewalk/ropewalk/channel/channeltest"

// Output returns what the peer has got since the last call of Output, the bytes of files included.
func (p *Pipe) Output() string { return p.Conn.Wire.Take() }

// Files returns the files of which bytes were sent, in order.
func (p *Pipe) Files() []channeltest.SentFile { return p.Conn.Wire.Files() }

// Stall makes the peer take nothing, until Unstall.
func (p *Pipe) Stall() { p.Conn.Stall() }

// Unstall ends Stall.
func (p *Pipe) Unstall() { p.Conn.Unstall() }

// Closed tells whether the pipeline was told Closed.
func (p *Pipe) Closed() bool {
	_, closed := p.Conn.Told()
	return closed
}

// Cause returns what the pipeline was told by Closed: nil for a normal end, or when it is not closed.
func (p *Pipe) Cause() error {
	cause, _ := p.Conn.Told()
	return cause
}

// Ended tells whether the peer sees the end of the stream: after a normal close or CloseWrite.
func (p *Pipe) Ended() bool { return p.Conn.Wire.Ended() || p.Conn.Wire.Closed() }

// Aborted tells whether the peer sees a reset.
func (p *Pipe) Aborted() bool { return p.Conn.Wire.Aborted() }
