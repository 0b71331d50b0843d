package datagram

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"runtime/debug"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/datagram"
)

// New returns a function that makes a pipeline for each socket, for transport.Datagrams.Accept and its like. stages is called
// once per socket, on its loop, and returns a new stage, or several that are joined.
func New(stages func() Wire) func(*Socket) Sink {
	return func(*Socket) Sink { return &pipe{first: stages()} }
}

// With is New for one socket, such as one that a client connects: the function may be called once.
func With(stage Wire) func(*Socket) Sink {
	return func(*Socket) Sink { return &pipe{first: stage} }
}

// A pipe is the stages of one socket. It is the socket's sink.
type pipe struct {
	first  Wire
	socket *Socket
	stages []any // from the wire on
	opened bool
	tos    uint8

	logged time.Duration // when a panic was logged, 0 for never
	silent uint64        // panics since
}

// wire is the socket as the stage before the first.
type wire struct{ *Socket }

func (w wire) Write(b *buffer.Buf, to Address) error {
	return w.WriteVia(b, to)
}

// Open implements Sink.
func (p *pipe) Open(s *Socket) error {
	p.socket = s
	p.first.link(p, p.first, wire{s})
	p.opened = true
	return each(p, func(s interface{ Open() error }) error { return s.Open() })
}

// each calls f for the stages that have certain methods, until it fails.
func each[S any](p *pipe, f func(S) error) error {
	for _, stage := range p.stages {
		if s, ok := stage.(S); ok {
			if err := f(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// Receive implements Sink.
func (p *pipe) Receive(packet datagram.Packet) error {
	p.tos = packet.TOS
	if err := p.read(&packet); err != nil {
		p.reject(packet.Peer, err)
	}
	return nil
}

// read gives a packet to the first stage. A panic becomes an error.
func (p *pipe) read(packet *datagram.Packet) (err error) {
	hand := buffer.HandOf(packet.Data)
	done := false
	defer func() {
		if !done {
			err = p.recovered(recover(), hand)
		}
	}()
	err = p.first.Read(packet.Data, packet.Address)
	done = true
	return err
}

// recovered takes back what a stage that panicked had been given.
func (p *pipe) recovered(v any, hand buffer.Hand) error {
	err := &channel.PanicError{Value: v, Stack: debug.Stack()}
	p.socket.Cache().Abandon()
	hand.Reclaim()
	p.socket.Keep() // the loop need not take it back as well
	return err
}

// reject counts a packet, and tells why.
func (p *pipe) reject(peer netip.AddrPort, err error) {
	if errors.Is(err, channel.ErrOutboundFull) {
		return // counted as such, where it was found out
	}
	p.socket.Reject()
	log, ctx := p.socket.Loop().Logger(), context.Background()
	if v, ok := errors.AsType[*channel.PanicError](err); ok {
		if now := p.socket.Loop().Now(); p.logged == 0 || now-p.logged >= time.Second {
			log.LogAttrs(ctx, slog.LevelError, "ropewalk: panic while a packet was handled", slog.String("peer", peer.String()),
				slog.Any("value", v.Value), slog.Uint64("not_logged", p.silent), slog.String("stack", string(v.Stack)))
			p.logged, p.silent = max(now, 1), 0
		} else {
			p.silent++
		}
		return
	}
	if log.Enabled(ctx, slog.LevelDebug) {
		log.LogAttrs(ctx, slog.LevelDebug, "packet rejected", slog.String("peer", peer.String()), slog.Any("error", err))
	}
}

// ReceiveDone implements Sink.
func (p *pipe) ReceiveDone() error {
	return each(p, func(s interface{ ReceiveDone() error }) error { return s.ReceiveDone() })
}

// Failed implements Sink.
func (p *pipe) Failed(to netip.AddrPort, err error) error {
	return each(p, func(s interface {
		Failed(netip.AddrPort, error) error
	}) error {
		return s.Failed(to, err)
	})
}

// Writable implements Sink.
func (p *pipe) Writable() error {
	return each(p, func(s interface{ Writable() error }) error { return s.Writable() })
}

// Drain is called when the server stops. If a stage returns true it closes the socket itself; otherwise that is closed now.
func (p *pipe) Drain() bool {
	later := false
	each(p, func(s interface{ Drain() bool }) error {
		later = s.Drain() || later
		return nil
	})
	return later
}

// Closed implements Sink.
func (p *pipe) Closed(cause error) {
	if p.opened {
		closeAll(p.stages, cause)
	}
}

// closeAll tells stages that they are out of use. One that panics does not keep the others from being told.
func closeAll(stages []any, cause error) {
	told := 0
	defer func() {
		if told < len(stages) { // number told has panicked, and goes on doing so
			closeAll(stages[told+1:], cause)
		}
	}()
	for ; told < len(stages); told++ {
		if c, ok := stages[told].(interface{ Closed(error) }); ok {
			c.Closed(cause)
		}
	}
}
