package io.hdrlog.bench.service;

import io.hdrlog.bench.Headers;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.FileInputStream;
import java.io.InputStream;
import java.security.KeyStore;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import javax.net.ssl.KeyManagerFactory;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.jsse.provider.BouncyCastleJsseProvider;
import org.conscrypt.OpenSSLProvider;

/** Plain Netty: the HTTP codec and one handler, on NIO. */
public final class NettyService {
  private NettyService() {}

  public static void main(String[] args) throws Exception {
    SslContext tls = tls(System.getProperty("bench.tls", "none"));
    EventLoopGroup acceptors = group(1, "netty-accept");
    EventLoopGroup workers = group(0, "netty-io");
    Channel server =
        new ServerBootstrap()
            .group(acceptors, workers)
            .channel(NioServerSocketChannel.class)
            .childHandler(new Pipeline(tls))
            .bind("127.0.0.1", Integer.getInteger("bench.port"))
            .sync()
            .channel();
    Control.start(
        () -> {
          server.close().sync();
          acceptors.shutdownGracefully().await(1000);
          workers.shutdownGracefully().await(1000);
        });
    server.closeFuture().sync();
  }

  private static EventLoopGroup group(int threads, String name) {
    return new MultiThreadIoEventLoopGroup(
        threads, new DefaultThreadFactory(name), NioIoHandler.newFactory());
  }

  private static SslContext tls(String kind) throws Exception {
    if (kind.equals("none")) {
      return null;
    }
    char[] password = System.getProperty("bench.keystore.password").toCharArray();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = new FileInputStream(System.getProperty("bench.keystore"))) {
      store.load(in, password);
    }
    Provider provider = provider(kind);
    KeyManagerFactory keys = keys(provider);
    keys.init(store, password);
    return SslContextBuilder.forServer(keys)
        .sslProvider(kind.equals("tcnative") ? SslProvider.OPENSSL : SslProvider.JDK)
        .sslContextProvider(provider)
        .build();
  }

  /** Bouncy Castle asks for keys by names that the JDK's factory does not know. */
  private static KeyManagerFactory keys(Provider provider) throws NoSuchAlgorithmException {
    return provider instanceof BouncyCastleJsseProvider
        ? KeyManagerFactory.getInstance("PKIX", provider)
        : KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
  }

  /** Who makes the engines; null: the JDK. */
  private static Provider provider(String kind) {
    return switch (kind) {
      case "conscrypt" -> new OpenSSLProvider();
      case "bouncycastle" -> {
        // Its primitives are in a provider of their own.
        Security.addProvider(new BouncyCastleProvider());
        yield new BouncyCastleJsseProvider();
      }
      default -> null;
    };
  }

  private static final class Pipeline extends ChannelInitializer<SocketChannel> {
    private final SslContext tls;

    Pipeline(SslContext tls) {
      this.tls = tls;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
      ChannelPipeline pipeline = channel.pipeline();
      if (tls != null) {
        pipeline.addLast(tls.newHandler(channel.alloc()));
      }
      pipeline.addLast(new HttpServerCodec());
      pipeline.addLast(new Orders());
    }
  }

  /** As everybody writes it: what becomes of a write is seen in exceptionCaught. */
  @SuppressWarnings("FutureReturnValueIgnored")
  private static final class Orders extends SimpleChannelInboundHandler<HttpObject> {
    private static final byte[] BODY = Headers.body();
    private static final String[] HEADERS = Headers.applicationHeaders();

    private long dateSecond;
    private String date = "";

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
      if (!(message instanceof LastHttpContent)) {
        return;
      }
      Control.HANDLED.increment();
      var response =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.wrappedBuffer(BODY));
      var headers = response.headers();
      for (int i = 0; i < HEADERS.length; i += 2) {
        headers.set(HEADERS[i], HEADERS[i + 1]);
      }
      headers.set(HttpHeaderNames.CONTENT_TYPE, Headers.CONTENT_TYPE);
      headers.set(HttpHeaderNames.CONTENT_LENGTH, BODY.length);
      headers.set(HttpHeaderNames.DATE, date());
      context.write(response);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      context.flush();
    }

    private String date() {
      long second = System.currentTimeMillis() / 1000;
      if (second != dateSecond) {
        dateSecond = second;
        date = DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC));
      }
      return date;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
