package io.hdrlog.core.instrument.netty;

import io.hdrlog.tap.Tap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.FileRegion;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AttributeKey;
import io.netty.util.internal.PlatformDependent;
import java.util.List;
import net.bytebuddy.asm.Advice;

/** Advice for {@code HttpObjectEncoder}, where it encodes responses. */
@SuppressWarnings("PatternMatchingInstanceof") // variables would be added where it is copied to
final class EncoderAdvice {
  private EncoderAdvice() {}

  /** {@code encode(ChannelHandlerContext, Object, List)}. */
  static final class Encode {
    private Encode() {}

    /** How much content there is, while the message is still whole; what is encoded comes after. */
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static long enter(@Advice.Argument(1) Object msg) {
      if (msg instanceof HttpContent) {
        return ((HttpContent) msg).content().readableBytes();
      }
      if (msg instanceof ByteBuf) {
        return ((ByteBuf) msg).readableBytes();
      }
      return msg instanceof FileRegion ? ((FileRegion) msg).count() : 0;
    }

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(
        @Advice.Enter long content,
        @Advice.This ChannelHandler self,
        @Advice.Argument(0) ChannelHandlerContext ctx,
        @Advice.Argument(1) Object msg,
        @Advice.Argument(2) List<Object> out) {
      if (self instanceof HttpResponseEncoder) {
        Object state = ctx.channel().attr(AttributeKey.<Object>valueOf("hdrlog")).get();
        if (state != null) {
          long bytes = 0;
          int size = out.size();
          for (int i = 0; i < size; i++) {
            Object o = out.get(i);
            if (o instanceof ByteBuf) {
              bytes += ((ByteBuf) o).readableBytes();
            } else if (o instanceof FileRegion) {
              bytes += ((FileRegion) o).count();
            }
          }
          long body = bytes;
          if (msg instanceof HttpResponse) {
            ByteBuf head = (ByteBuf) out.get(0);
            int length = head.readableBytes();
            // Short content stands behind the head in the same buffer. An empty line just before
            // where it would begin tells: inside of a head there can be none.
            int split = (int) (length - content);
            if (content > 0
                && size == 1
                && split >= 4
                && head.getInt(head.readerIndex() + split - 4) == 0x0D0A0D0A) {
              length = split;
            }
            int copied = Tap.nettyResponding(state, ((HttpResponse) msg).status().code(), length);
            if (copied > 0) {
              int at = head.readerIndex();
              byte[] array = Tap.nettyResponseArray(state);
              if (PlatformDependent.hasUnsafe() || !head.isDirect() || head.nioBufferCount() != 1) {
                head.getBytes(at, array, 0, copied);
              } else if (!Tap.nettySecure(state)) {
                // What it will be written through; getBytes makes a duplicate, Unsafe being off.
                head.internalNioBuffer(at, copied).get(array, 0, copied);
              } else {
                // TLS copies it without: one buffer more would be made here for each response.
                int i = 0;
                for (; i + 8 <= copied; i += 8) {
                  long eight = head.getLong(at + i);
                  array[i] = (byte) (eight >>> 56);
                  array[i + 1] = (byte) (eight >>> 48);
                  array[i + 2] = (byte) (eight >>> 40);
                  array[i + 3] = (byte) (eight >>> 32);
                  array[i + 4] = (byte) (eight >>> 24);
                  array[i + 5] = (byte) (eight >>> 16);
                  array[i + 6] = (byte) (eight >>> 8);
                  array[i + 7] = (byte) eight;
                }
                for (; i < copied; i++) {
                  array[i] = head.getByte(at + i);
                }
              }
            }
            body -= length;
          }
          Tap.nettyEncoded(state, bytes, body > 0 ? content : 0, msg instanceof LastHttpContent);
        }
      }
    }
  }

  /** The same method, entered: the last moment to add a header. */
  static final class Echo {
    private Echo() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(
        @Advice.This ChannelHandler self,
        @Advice.Argument(0) ChannelHandlerContext ctx,
        @Advice.Argument(1) Object msg) {
      if (self instanceof HttpResponseEncoder && msg instanceof HttpResponse) {
        HttpResponse response = (HttpResponse) msg;
        String name = Tap.requestIdHeader();
        if (name != null && response.status().code() >= 200 && !response.headers().contains(name)) {
          Object state = ctx.channel().attr(AttributeKey.<Object>valueOf("hdrlog")).get();
          String id = Tap.nettyEchoId(state);
          if (id != null) {
            response.headers().set(name, id);
          }
        }
      }
    }
  }
}
