import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.ChannelMatchers;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.net.InetSocketAddress;

/**
 * The peer written for Netty 4.1 on NIO: one loop that accepts, and as many as are asked for, which is one, that serve.
 *
 *   NettyServer -addr 127.0.0.1:0 -mode MODE [-max BYTES] [-loops N]
 *
 *   raw         what has been read goes back, flushed when a read is over, as in Netty's example of an echo server
 *   frame       LengthFieldBasedFrameDecoder, a handler, LengthFieldPrepender
 *   frameslice  the decoder leaves the length in place, so none is put in front: only an echo can do that
 *   fan         a frame goes to a ChannelGroup, which gives each channel a duplicate of the same bytes
 *
 * Settings are those that Netty comes with, with TCP_NODELAY: pooled direct buffers, and leak detection of one buffer in 128.
 */
public final class NettyServer {
    public static void main(String[] args) throws Exception {
        String addr = option(args, "-addr", "127.0.0.1:0"), mode = option(args, "-mode", "raw");
        int most = Integer.parseInt(option(args, "-max", "1048576"));
        int loops = Integer.parseInt(option(args, "-loops", "1"));
        if (!mode.matches("raw|frame|frameslice|fan") || most < 1 || loops < 1) {
            System.err.println("-mode: there is no \"" + mode + "\", but raw, frame, frameslice, fan; -max and -loops are positive");
            System.exit(2);
        }
        EventLoopGroup acceptor = new NioEventLoopGroup(1), workers = new NioEventLoopGroup(loops);
        ChannelGroup all = new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE);
        ServerBootstrap server = new ServerBootstrap().group(acceptor, workers).channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel c) {
                    ChannelPipeline p = c.pipeline();
                    switch (mode) {
                        case "raw":
                            p.addLast(echo);
                            break;
                        case "frame":
                            p.addLast(new LengthFieldBasedFrameDecoder(4 + most, 0, 4, 0, 4), new LengthFieldPrepender(4), echo);
                            break;
                        case "frameslice":
                            p.addLast(new LengthFieldBasedFrameDecoder(4 + most, 0, 4, 0, 0), echo);
                            break;
                        default:
                            p.addLast(new LengthFieldBasedFrameDecoder(4 + most, 0, 4, 0, 0), new Fan(all));
                    }
                }
            });
        int colon = addr.lastIndexOf(':');
        Channel listener = server.bind(addr.substring(0, colon), Integer.parseInt(addr.substring(colon + 1))).sync().channel();
        InetSocketAddress at = (InetSocketAddress) listener.localAddress();
        System.err.println("listening on " + at.getAddress().getHostAddress() + ":" + at.getPort());
        listener.closeFuture().sync();
    }

    static String option(String[] args, String name, String value) {
        for (int i = 0; i + 1 < args.length; i++) {
            if (args[i].equals(name)) {
                value = args[i + 1];
            }
        }
        return value;
    }

    static final ChannelHandler echo = new Echo();

    @ChannelHandler.Sharable
    static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext c, Object message) {
            c.write(message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext c) {
            c.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext c, Throwable cause) {
            c.close();
        }
    }

    static final class Fan extends ChannelInboundHandlerAdapter {
        final ChannelGroup all;

        Fan(ChannelGroup all) {
            this.all = all;
        }

        @Override
        public void channelActive(ChannelHandlerContext c) {
            all.add(c.channel());
        }

        @Override
        public void channelRead(ChannelHandlerContext c, Object message) {
            all.writeAndFlush(message, ChannelMatchers.all(), true); // no promise for each channel
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext c, Throwable cause) {
            c.close();
        }
    }
}
