package io.hdrlog.it.service;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerUpgradeHandler;
import io.netty.handler.codec.http2.CleartextHttp2ServerUpgradeHandler;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ServerUpgradeCodec;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * HTTP/2 by Netty's frames, which nothing instruments. As with most servers the handler is made,
 * and its class loaded, when a connection has asked for it.
 */
@SuppressWarnings("FutureReturnValueIgnored")
final class NettyHttp2 {
  private NettyHttp2() {}

  static void addTo(Channel channel, boolean secure) {
    if (secure) {
      channel.pipeline().addLast(new Negotiated());
      return;
    }
    HttpServerCodec http1 = new HttpServerCodec();
    HttpServerUpgradeHandler upgrade =
        new HttpServerUpgradeHandler(
            http1,
            protocol ->
                AsciiString.contentEquals(Http2CodecUtil.HTTP_UPGRADE_PROTOCOL_NAME, protocol)
                    ? new Http2ServerUpgradeCodec(codec(), streams())
                    : null,
            1 << 16);
    ChannelInitializer<Channel> known =
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel of) {
            of.pipeline().addLast(codec(), streams());
          }
        };
    channel.pipeline().addLast(new CleartextHttp2ServerUpgradeHandler(http1, upgrade, known));
  }

  private static Http2FrameCodec codec() {
    return Http2FrameCodecBuilder.forServer().build();
  }

  private static Http2MultiplexHandler streams() {
    return new Http2MultiplexHandler(
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel stream) {
            stream.pipeline().addLast(new Stream());
          }
        });
  }

  /** By ALPN, when the handshake is done. */
  private static final class Negotiated extends ApplicationProtocolNegotiationHandler {
    Negotiated() {
      super(ApplicationProtocolNames.HTTP_1_1);
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext context, String protocol) {
      if (!protocol.equals(ApplicationProtocolNames.HTTP_2)) {
        throw new IllegalStateException("not offered: " + protocol);
      }
      context.pipeline().addLast(codec(), streams());
    }
  }

  /** One request. */
  private static final class Stream extends ChannelInboundHandlerAdapter {
    private String target;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      boolean last = false;
      if (message instanceof Http2HeadersFrame headers) {
        if (target == null) {
          target = headers.headers().path().toString();
        }
        last = headers.isEndStream();
      } else if (message instanceof Http2DataFrame data) {
        last = data.isEndStream();
      }
      ReferenceCountUtil.release(message);
      if (last) {
        answer(context);
      }
    }

    private void answer(ChannelHandlerContext context) {
      int mark = target.indexOf('?');
      String path = mark < 0 ? target : target.substring(0, mark);
      String query = mark < 0 ? null : target.substring(mark + 1);
      Http2Headers headers = new DefaultHttp2Headers().status("200");
      for (Map.Entry<String, String> header : Content.HELLO_HEADERS) {
        headers.add(header.getKey().toLowerCase(java.util.Locale.ROOT), header.getValue());
      }
      boolean trailers = path.equals("/trailers");
      if (path.equals("/goaway")) {
        // As a server does that is about to stop: what it has it answers, and no more.
        context.channel().parent().write(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
      }
      Runnable send =
          () -> {
            context.write(new DefaultHttp2HeadersFrame(headers));
            context.write(
                new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(Content.hello()), !trailers));
            if (trailers) {
              context.write(
                  new DefaultHttp2HeadersFrame(
                      new DefaultHttp2Headers().add("grpc-status", "0").add("grpc-message", "fine"),
                      true));
            }
            context.flush();
          };
      context.executor().schedule(send, Content.number(query, "ms", 0), TimeUnit.MILLISECONDS);
    }
  }
}
