package io.hdrlog.core.instrument.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;

/** A small Netty server, whichever version there is. */
@SuppressWarnings({"FutureReturnValueIgnored", "deprecation"})
public final class NettyApp {
  private static EventLoopGroup group;
  private static Channel channel;

  private NettyApp() {}

  public static Object start() throws Exception {
    group = new NioEventLoopGroup(1);
    String keystore = System.getProperty("test.keystore");
    SslContext tls = null;
    if (keystore != null) {
      KeyStore keys = KeyStore.getInstance(new File(keystore), "changeit".toCharArray());
      KeyManagerFactory managers =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      managers.init(keys, "changeit".toCharArray());
      tls = SslContextBuilder.forServer(managers).sslProvider(SslProvider.JDK).build();
    }
    start(tls);
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  private static void start(SslContext tls) throws InterruptedException {
    channel =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel c) throws Exception {
                    if (tls != null) {
                      c.pipeline().addLast(tls.newHandler(c.alloc()));
                    }
                    c.pipeline()
                        .addLast(new HttpServerCodec(), new HttpObjectAggregator(1000), new App());
                  }
                })
            .bind("127.0.0.1", 0)
            .sync()
            .channel();
  }

  public static void stop() {
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private static final class App extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
      boolean bad = request.decoderResult().isFailure();
      FullHttpResponse response =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              bad ? HttpResponseStatus.BAD_REQUEST : HttpResponseStatus.OK,
              Unpooled.copiedBuffer("hello", StandardCharsets.US_ASCII));
      HttpUtil.setContentLength(response, 5);
      ctx.writeAndFlush(response);
    }
  }
}
