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
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
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
    Tls tls = new Tls(arguments);
    boolean http2 = arguments.flag("http2");
    SslContext ssl = tls.on() ? secure(tls, http2) : null;
    int head = arguments.number("head", 8192);
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
                    if (ssl != null) {
                      channel.pipeline().addLast(ssl.newHandler(channel.alloc()));
                    }
                    if (http2) {
                      NettyHttp2.addTo(channel, ssl != null);
                      return;
                    }
                    channel
                        .pipeline()
                        .addLast(new ReadTimeoutHandler(timeoutMs, TimeUnit.MILLISECONDS))
                        .addLast(new HttpServerCodec(4096, head, 8192))
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

  private static SslContext secure(Tls tls, boolean http2) throws Exception {
    SslContextBuilder builder =
        SslContextBuilder.forServer(tls.keys())
            .sslProvider(tls.name().equals("boringssl") ? SslProvider.OPENSSL : SslProvider.JDK);
    if (tls.wantsClients()) {
      builder.trustManager(tls.trust()).clientAuth(ClientAuth.REQUIRE);
    }
    if (http2) {
      builder.applicationProtocolConfig(
          new ApplicationProtocolConfig(
              ApplicationProtocolConfig.Protocol.ALPN,
              ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
              ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
              ApplicationProtocolNames.HTTP_2));
    }
    return builder.build();
  }
}
