package io.hdrlog.core.instrument.netty;

import io.hdrlog.tap.Tap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.Attribute;
import io.netty.util.AttributeKey;
import io.netty.util.internal.PlatformDependent;
import java.util.List;
import java.util.Map;
import net.bytebuddy.asm.Advice;

/** Advice for {@code HttpObjectDecoder}, where it decodes requests. */
@SuppressWarnings({
  "ReferenceEquality", // a handler is in a pipeline once
  "PatternMatchingInstanceof" // each variable would be one more in the method it is copied to
})
final class DecoderAdvice {
  private DecoderAdvice() {}

  /** {@code decode(ChannelHandlerContext, ByteBuf, List)}: at most one message at a time. */
  static final class Decode {
    private Decode() {}

    /** Where the decoder begins to read and to write, in one number. */
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static long enter(@Advice.Argument(1) ByteBuf in, @Advice.Argument(2) List<Object> out) {
      return (long) out.size() << 32 | in.readerIndex();
    }

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(
        @Advice.Enter long entered,
        @Advice.This ChannelHandler self,
        @Advice.Argument(0) ChannelHandlerContext ctx,
        @Advice.Argument(1) ByteBuf in,
        @Advice.Argument(2) List<Object> out) {
      if (self instanceof HttpRequestDecoder) {
        Channel channel = ctx.channel();
        Attribute<Object> attribute = channel.attr(AttributeKey.<Object>valueOf("hdrlog"));
        Object state = attribute.get();
        if (state == null) {
          state = Tap.nettyOpen(channel.remoteAddress(), channel.localAddress());
          for (Map.Entry<String, ChannelHandler> e : channel.pipeline()) {
            if (e.getValue() == ctx.handler()) {
              break;
            }
            Tap.nettyBefore(state, e.getValue());
          }
          attribute.set(state);
        } else if (Tap.nettyUnknown(state)) {
          Tap.nettyKnown(state, channel.remoteAddress(), channel.localAddress());
          for (Map.Entry<String, ChannelHandler> e : channel.pipeline()) {
            if (e.getValue() == ctx.handler()) {
              break;
            }
            Tap.nettyBefore(state, e.getValue());
          }
        }
        int from = (int) entered;
        int consumed = in.readerIndex() - from;
        int size = out.size();
        boolean message = false;
        boolean last = false;
        long content = 0;
        Throwable failure = null;
        for (int i = (int) (entered >>> 32); i < size; i++) {
          Object o = out.get(i);
          if (o instanceof HttpRequest) {
            message = true;
          }
          if (o instanceof HttpContent) {
            content += ((HttpContent) o).content().readableBytes();
            last |= o instanceof LastHttpContent;
          }
          if (o instanceof HttpObject && ((HttpObject) o).decoderResult().isFailure()) {
            failure = ((HttpObject) o).decoderResult().cause();
          }
        }
        int copied = Tap.nettyDecoding(state, consumed, in.readableBytes(), message);
        if (copied > 0) {
          if (!PlatformDependent.hasUnsafe() && in.isDirect() && in.nioBufferCount() == 1) {
            // What the socket was read through; getBytes makes a duplicate where Unsafe is off.
            in.internalNioBuffer(from, copied)
                .get(Tap.nettyArray(state), Tap.nettyOffset(state), copied);
          } else {
            in.getBytes(from, Tap.nettyArray(state), Tap.nettyOffset(state), copied);
          }
        }
        Tap.nettyDecoded(state, consumed, copied, message, last, content, failure);
        if (message && AttributeKey.exists("hdrlog.request_id")) {
          channel
              .attr(AttributeKey.<Object>valueOf("hdrlog.request_id"))
              .set(Tap.nettyRequestId(state));
        }
      }
    }
  }

  /** {@code decodeLast(..)}: the input has ended, and perhaps the channel. */
  static final class DecodeLast {
    private DecodeLast() {}

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(
        @Advice.This ChannelHandler self, @Advice.Argument(0) ChannelHandlerContext ctx) {
      if (self instanceof HttpRequestDecoder && !ctx.channel().isActive()) {
        Tap.nettyClosed(ctx.channel().attr(AttributeKey.<Object>valueOf("hdrlog")).get());
      }
    }
  }

  /** {@code handlerRemoved0(..)}: at the latest when a closed channel is taken apart. */
  static final class Removed {
    private Removed() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(
        @Advice.This ChannelHandler self, @Advice.Argument(0) ChannelHandlerContext ctx) {
      if (self instanceof HttpRequestDecoder && !ctx.channel().isActive()) {
        Tap.nettyClosed(ctx.channel().attr(AttributeKey.<Object>valueOf("hdrlog")).get());
      }
    }
  }
}
