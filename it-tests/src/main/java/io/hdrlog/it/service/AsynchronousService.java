package io.hdrlog.it.service;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/** HTTP/1.1 by hand on NIO.2's channels, with an engine on top or without. */
public final class AsynchronousService {
  private AsynchronousService() {}

  public static void main(String[] args) throws Exception {
    Arguments arguments = new Arguments(args);
    Tls tls = new Tls(arguments);
    AsynchronousChannelGroup group =
        AsynchronousChannelGroup.withFixedThreadPool(2, Executors.defaultThreadFactory());
    AsynchronousServerSocketChannel server = AsynchronousServerSocketChannel.open(group);
    server.bind(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), arguments.number("port", 0)));
    SSLContext context = tls.on() ? tls.context() : null;
    boolean many = arguments.flag("many");
    Ready.say(((InetSocketAddress) server.getLocalAddress()).getPort());
    server.accept(
        null,
        new CompletionHandler<AsynchronousSocketChannel, Void>() {
          @Override
          public void completed(AsynchronousSocketChannel channel, Void nothing) {
            server.accept(null, this);
            try {
              SSLEngine engine = context == null ? null : context.createSSLEngine();
              if (engine != null) {
                engine.setNeedClientAuth(tls.wantsClients());
              }
              new AsynchronousConversation(channel, engine, many).begin();
            } catch (Exception e) {
              e.printStackTrace();
              close(channel);
            }
          }

          @Override
          public void failed(Throwable failure, Void nothing) {
            failure.printStackTrace();
          }
        });
    group.awaitTermination(Long.MAX_VALUE, java.util.concurrent.TimeUnit.SECONDS);
  }

  static void close(AsynchronousSocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }

  /** A buffer in two, as scattering reads and gathering writes have it. */
  static ByteBuffer[] halves(ByteBuffer of) {
    ByteBuffer first = of.duplicate();
    int middle = of.position() + of.remaining() / 2;
    first.limit(middle);
    ByteBuffer second = of.duplicate();
    second.position(middle);
    return new ByteBuffer[] {first, second};
  }
}
