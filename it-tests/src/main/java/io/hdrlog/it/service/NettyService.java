package io.hdrlog.it.service;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** Plain Netty, 4.1 or 4.2 as the class path says, on the JDK's sockets or on epoll. */
public final class NettyService {
  private NettyService() {}

  public static void main(String[] args) throws Exception {
    Arguments arguments = new Arguments(args);
    int threads = arguments.number("threads", 2);
    boolean epoll = arguments.text("transport", "nio").equals("epoll");
    EventLoopGroup acceptor = epoll ? new EpollEventLoopGroup(1) : new NioEventLoopGroup(1);
    EventLoopGroup workers =
        epoll ? new EpollEventLoopGroup(threads) : new NioEventLoopGroup(threads);
    Class<? extends ServerChannel> type =
        epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    if (!arguments.flag("noids")) {
      AttributeKey.exists(AppHandler.RequestId.KEY.name());
    }
    boolean silent = arguments.text("reject", "answer").equals("close");
    int elsewhere = arguments.number("executor", 0);
    EventExecutorGroup executors = elsewhere == 0 ? null : new DefaultEventExecutorGroup(elsewhere);
    int timeoutMs = arguments.number("timeoutMs", 20_000);

    Channel server =
        new ServerBootstrap()
            .group(acceptor, workers)
            .channel(type)
            .option(ChannelOption.SO_BACKLOG, arguments.number("backlog", 100))
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    channel
                        .pipeline()
                        .addLast(new ReadTimeoutHandler(timeoutMs, TimeUnit.MILLISECONDS))
                        .addLast(new HttpServerCodec())
                        .addLast(new HttpServerKeepAliveHandler())
                        .addLast(executors, new AppHandler(silent));
                  }
                })
            .bind(arguments.text("address", "127.0.0.1"), arguments.number("port", 0))
            .sync()
            .channel();
    Ready.say(((InetSocketAddress) server.localAddress()).getPort());
    server.closeFuture().sync();
  }
}
