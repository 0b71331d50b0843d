// Command gonetty is the peer written with go-netty v1.6.7: a goroutine for each connection that reads, and one that writes while
// there is something to write.
//
//	gonetty -addr 127.0.0.1:0 -mode raw|frame|fan [-max BYTES] [-sync]
//
// Frames go through its own codecs, LengthFieldCodec both ways and PacketCodec, which reads the body that LengthFieldCodec
// hands on as a reader; a reader cannot be written back as it is, since StealBytes then mixes up frames that come in several
// reads. The transport reads through 32 KiB of bufio. Writes go into the queue of NewAsyncWriteChannel, which is the default;
// -sync writes at once.
//
// In fan mode a frame is made once and put into the queue of each connection, which copies it. There are no loops.
package main

import (
	"bytes"
	"encoding/binary"
	"flag"
	"io"
	"log"

	"github.com/go-netty/go-netty"
	"github.com/go-netty/go-netty/codec/frame"
	"github.com/go-netty/go-netty/transport/tcp"
	"github.com/ropewalk/ropewalk/bench/internal/hub"
	"github.com/ropewalk/ropewalk/bench/internal/peer"
)

const bufferSize = 32 << 10

func main() {
	sync := flag.Bool("sync", false, "write at once instead of through a queue")
	o := peer.Parse("raw", "frame", "fan")
	var conns hub.Hub[netty.Channel]
	options := []netty.Option{
		netty.WithTransport(factory{tcp.New()}),
		netty.WithChildInitializer(func(c netty.Channel) {
			p := c.Pipeline()
			switch o.Mode {
			case "raw":
				p.AddLast(&raw{})
			case "frame":
				p.AddLast(frame.LengthFieldCodec(binary.BigEndian, 4+o.Max, 0, 4, 0, 4), frame.PacketCodec(512), echo{})
			case "fan":
				// nothing is stripped and nothing put in front: the frame is passed on as it came
				decode := frame.LengthFieldCodec(binary.BigEndian, 4+o.Max, 0, 4, 0, 0)
				p.AddLast(inbound{decode}, frame.PacketCodec(512), &member{&conns})
			}
			p.AddLast(closer{})
		}),
	}
	if *sync {
		options = append(options, netty.WithChannel(netty.NewChannel()))
	}
	log.Fatal(netty.NewBootstrap(options...).Listen("tcp://" + o.Addr).Sync())
}

// raw sends back what a read brings.
type raw struct{ buffer [bufferSize]byte }

func (r *raw) HandleRead(ctx netty.InboundContext, message netty.Message) {
	n, err := message.(io.Reader).Read(r.buffer[:])
	if err != nil {
		ctx.Channel().Close(err)
		return
	}
	ctx.Write(r.buffer[:n])
}

// echo sends back the body of a frame.
type echo struct{}

func (echo) HandleRead(ctx netty.InboundContext, message netty.Message) { ctx.Write(message) }

// inbound is a codec that only decodes.
type inbound struct{ codec netty.InboundHandler }

func (i inbound) HandleRead(ctx netty.InboundContext, message netty.Message) {
	i.codec.HandleRead(ctx, message)
}

// A member sends what it gets to everybody.
type member struct{ conns *hub.Hub[netty.Channel] }

func (m *member) HandleActive(ctx netty.ActiveContext) {
	m.conns.Join(ctx.Channel())
	ctx.HandleActive()
}

func (m *member) HandleInactive(ctx netty.InactiveContext, ex netty.Exception) {
	m.conns.Leave(ctx.Channel())
	ctx.HandleInactive(ex)
}

func (m *member) HandleRead(_ netty.InboundContext, message netty.Message) {
	shared := message.(*bytes.Buffer).Bytes()
	m.conns.Each(func(c netty.Channel) { c.Write1(shared) })
}

// closer ends a connection without the lines that go-netty prints for each.
type closer struct{}

func (closer) HandleException(ctx netty.ExceptionContext, ex netty.Exception) {
	ctx.Channel().Close(ex)
}
