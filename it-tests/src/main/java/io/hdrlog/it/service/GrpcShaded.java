package io.hdrlog.it.service;

import io.grpc.ServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.net.InetSocketAddress;

/** On the Netty that gRPC carries along. Apart, since a class path has this one or the other. */
final class GrpcShaded {
  private GrpcShaded() {}

  static ServerBuilder<?> on(InetSocketAddress address, Tls tls) throws Exception {
    NettyServerBuilder builder = NettyServerBuilder.forAddress(address);
    if (tls.on()) {
      SslContextBuilder context =
          SslContextBuilder.forServer(GrpcService.key(tls), GrpcService.certificate(tls));
      builder.sslContext(GrpcSslContexts.configure(context, SslProvider.OPENSSL).build());
    }
    return builder;
  }
}
