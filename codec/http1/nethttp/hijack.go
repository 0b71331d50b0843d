package nethttp

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline"
)

// Hijack implements http.Hijacker. The http1 stage and all behind it are replaced; what was read and not used is what the
// connection reads first. The head of a response that was written before is sent, whatever its status is.
func (w *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	switch {
	case w.over.Load():
		panic("nethttp: Hijack after the handler has returned")
	case w.hijacked:
		return nil, nil, http.ErrHijacked
	}
	t := newTunnel(w.remote, w.conn, w.server.window)
	var front []byte
	switch {
	case !w.headed:
	case !w.decided:
		w.decide(nil, false)
		front = w.headText()
	default:
		if err := w.FlushError(); err != nil {
			return nil, nil, err
		}
		if err := w.out.drained(); err != nil {
			return nil, nil, err
		}
	}
	if len(front) > 0 {
		if _, err := passOn(t.out, front, ""); err != nil {
			return nil, nil, err
		}
	}
	done := make(chan error, 1)
	w.remote.Do(func(ch *channel.Channel, err error) {
		if w.waits(ch, err) {
			done <- w.handOver(t)
		} else {
			done <- channel.ErrClosed
		}
	})
	if err := <-done; err != nil {
		t.Closed(err)
		return nil, nil, fmt.Errorf("nethttp: Hijack: %w", err)
	}
	w.hijacked = true
	w.endBody()
	w.server.workers.leave()
	c := (*conn)(t)
	return c, bufio.NewReadWriter(bufio.NewReader(c), bufio.NewWriter(c)), nil
}

// headText returns the head as it is sent when what follows it is written by the handler.
func (w *response) headText() []byte {
	var text bytes.Buffer
	fmt.Fprintf(&text, "HTTP/1.1 %d %s\r\n", w.status, http1.StatusText(w.status))
	dated := false
	switching := w.status == http.StatusSwitchingProtocols
	for _, f := range w.fields {
		switch f.name {
		case "Content-Length", "Transfer-Encoding":
			continue
		case "Connection":
			if w.close && !switching {
				continue
			}
		case "Date":
			dated = true
		}
		text.WriteString(f.name + ": " + f.value + "\r\n")
	}
	if !dated && w.status >= 200 {
		text.WriteString("Date: " + time.Now().UTC().Format(http.TimeFormat) + "\r\n")
	}
	if w.close && !switching {
		text.WriteString("Connection: close\r\n")
	}
	switch {
	case !bodyAllowed(w.status), w.head.method == http.MethodConnect && w.status < 300: // RFC 9110 section 9.3.6
	case w.length >= 0:
		text.WriteString("Content-Length: " + strconv.FormatInt(w.length, 10) + "\r\n")
	case w.head.minor > 0 && w.head.method != http.MethodHead:
		text.WriteString("Transfer-Encoding: chunked\r\n")
	}
	text.WriteString("\r\n")
	return text.Bytes()
}

// handOver replaces the http1 stage and all behind it, on the loop.
func (w *response) handOver(t *tunnel) error {
	ch := w.bridge.Channel()
	var from pipeline.Stage
	for _, s := range pipeline.Of(ch).Stages() {
		if _, ok := s.(pipeline.Writer[*http1.Response]); ok { // the first one is the server, others let responses by
			from = s
			break
		}
	}
	var rest *buffer.Buf
	if w.body != nil {
		rest = w.body.reclaim()
		ch.SetReading(true)
	}
	if rest != nil && w.head.length >= 0 {
		t.in.push(ch, rest)
	} else if rest != nil {
		rest.Release() // chunks cannot be put together again
	}
	if w.bridge.ended {
		t.in.finish(io.EOF)
	}
	w.bridge.call = nil
	return w.bridge.ReplaceFrom(from, t)
}
