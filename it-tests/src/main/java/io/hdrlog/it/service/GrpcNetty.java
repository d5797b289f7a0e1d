package io.hdrlog.it.service;

import io.grpc.ServerBuilder;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.net.InetSocketAddress;

/** On Netty itself. */
final class GrpcNetty {
  private GrpcNetty() {}

  static ServerBuilder<?> on(InetSocketAddress address, Tls tls, Arguments arguments)
      throws Exception {
    NettyServerBuilder builder = NettyServerBuilder.forAddress(address);
    if (tls.on()) {
      SslContextBuilder context =
          SslContextBuilder.forServer(GrpcService.key(tls), GrpcService.certificate(tls));
      builder.sslContext(GrpcSslContexts.configure(context, SslProvider.OPENSSL).build());
    }
    if (arguments.text("transport", "").equals("nio")) {
      builder
          .channelType(NioServerSocketChannel.class)
          .bossEventLoopGroup(new NioEventLoopGroup(1))
          .workerEventLoopGroup(new NioEventLoopGroup(2));
    }
    return builder;
  }
}
