// Command proxy passes TCP connections on to another address, in both directions, byte by byte.
//
//	go run ./examples/proxy -addr 127.0.0.1:7000 -upstream 127.0.0.1:7001
//	go run ./examples/proxy -addr 127.0.0.1:7000 -upstream 127.0.0.1:7001 -tap /tmp/seen
//
// A connection is dialed onto the loop of the one that it is for, and the two become a relay (channel.Relay): short messages are
// read and written, streams go from socket to socket inside of the kernel. A peer that does not read makes the other wait, the end of
// one stream ends the other's, and if the upstream refuses, the client is reset. On a signal the proxy accepts no more, and ends
// when all relays have been silent for a second, or after -drain. With -tap all that passes, in both directions, is written to a file too,
// in the order in which it came.
package main

import (
	"context"
	"errors"
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/examples/internal/engines"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/transport"
)

// proxy is what all connections have in common.
type proxy struct {
	ctx      context.Context
	upstream string
	options  channel.RelayOptions
	tell     bool
	client   transport.Client
	ready    chan struct{} // closed when client has its loops
}

// front is the only stage of a client's channel, until it is relayed.
type front struct {
	pipeline.Ctx[*buffer.Buf]
	*proxy
}

// Open has the client wait, and dials. What it sends meanwhile stays in the kernel.
func (f *front) Open() error {
	ch := f.Channel()
	ch.SetReading(false)
	go f.dial(ch.Loop(), ch.Remote(), channel.RelayTo(ch, f.options))
	return nil
}

// Read is not called: reading is paused until the channel is relayed.
func (f *front) Read(b *buffer.Buf) error {
	b.Release()
	return errors.New("input that nobody wanted")
}

// dial runs on a goroutine of its own.
func (p *proxy) dial(loop *channel.Loop, client channel.Remote, open func(*channel.Channel) channel.Sink) {
	<-p.ready
	if _, err := p.client.DialOn(p.ctx, loop, "tcp", p.upstream, open); err != nil {
		client.Do(func(ch *channel.Channel, gone error) {
			if gone == nil {
				ch.Abort(err)
			}
		})
	}
}

// run serves until ctx ends.
func run(ctx context.Context, server *transport.Server, p *proxy, drain time.Duration) error {
	dials, cancelDials := context.WithCancel(context.WithoutCancel(ctx)) // a signal leaves those alone that have begun
	defer cancelDials()
	p.ctx, p.ready = dials, make(chan struct{})
	server.Accept = pipeline.New(func() []pipeline.Stage { return []pipeline.Stage{&front{proxy: p}} })
	running, err := server.Start(ctx)
	if err != nil {
		return err
	}
	p.client.Group = running.Group()
	close(p.ready)
	<-ctx.Done()
	patience, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	err = errors.Join(running.Group().Drain(patience), running.Shutdown(patience)) // both sides, those that were dialed too
	if s := running.Stats(); p.tell {
		log.Printf("%d bytes by splice, %d by copying; %d calls: %d waits, %d reads, %d writes, %d splices",
			s.SplicedBytes, s.RelayedBytes, s.Calls(), s.Waits, s.Reads, s.Writes, s.Splices)
	}
	return err
}

func main() {
	addr := flag.String("addr", "127.0.0.1:7000", "address to listen on; port 0 is any port")
	upstream := flag.String("upstream", "127.0.0.1:7001", "address to pass connections on to")
	tap := flag.String("tap", "", "`file` that all bytes are written to as well")
	idle := flag.Duration("idle", 0, "how long a connection may be silent; 0 is for ever")
	pipe := flag.Int("pipe", 0, "most bytes of a direction inside of the kernel; 0 is 1 MiB, negative never uses a pipe")
	drain := flag.Duration("drain", 10*time.Second, "how long connections may go on after a signal")
	tell := flag.Bool("stats", false, "tell at the end what the loops have done")
	loops := flag.Int("loops", 0, "number of event loops; 0 is one per processor")
	choice := engines.Flag()
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	p := &proxy{upstream: *upstream, tell: *tell, options: channel.RelayOptions{Pipe: *pipe, Idle: *idle}}
	finish := func() error { return nil }
	if *tap != "" {
		f, err := os.Create(*tap)
		if err != nil {
			log.Fatal(err)
		}
		t := channel.NewTap(f, channel.TapOptions{})
		p.options.TapA, p.options.TapB = t, t
		finish = func() error { return errors.Join(t.Close(), f.Close()) }
	}
	err := run(ctx, &transport.Server{Addr: *addr, Engine: choice.Engine, Loops: *loops}, p, *drain)
	if err = errors.Join(err, finish()); err != nil {
		log.Fatal(err)
	}
}
