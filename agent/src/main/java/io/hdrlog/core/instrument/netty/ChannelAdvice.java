package io.hdrlog.core.instrument.netty;

import io.hdrlog.tap.Tap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.timeout.ReadTimeoutException;
import io.netty.util.Attribute;
import io.netty.util.AttributeKey;
import net.bytebuddy.asm.Advice;

/** Advice for what Netty does to channels, whatever they speak. */
@SuppressWarnings("PatternMatchingInstanceof") // variables would be added where it is copied to
final class ChannelAdvice {
  private ChannelAdvice() {}

  /** A constructor of {@code AbstractChannel}, only if the agent came to a running server. */
  static final class Accepted {
    private Accepted() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(@Advice.This Channel channel) {
      if (channel.parent() != null) {
        Attribute<Object> attribute = channel.attr(AttributeKey.<Object>valueOf("hdrlog"));
        if (attribute.get() == null) {
          attribute.set(Tap.nettyAccepted());
        }
      }
    }
  }

  /**
   * {@code DefaultChannelPipeline.fireChannelRead(Object)}: what came from the socket, before any
   * handler can take some of it. A channel that is first seen here is seen from its start.
   */
  static final class Read {
    private Read() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.This ChannelPipeline pipeline, @Advice.Argument(0) Object message) {
      if (message instanceof ByteBuf && pipeline.channel().parent() != null) {
        Attribute<Object> attribute =
            pipeline.channel().attr(AttributeKey.<Object>valueOf("hdrlog"));
        Object state = attribute.get();
        if (state == null) {
          state = Tap.nettyFirst();
          attribute.set(state);
        }
        Tap.nettyRead(state, ((ByteBuf) message).readableBytes());
      }
    }
  }

  /**
   * {@code DefaultChannelPipeline.fireChannelInactive()}, left: the codec may be gone by then, and
   * requests still be open.
   */
  static final class Inactive {
    private Inactive() {}

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(@Advice.This ChannelPipeline pipeline) {
      AttributeKey<Object> key = AttributeKey.valueOf("hdrlog");
      if (pipeline.channel().hasAttr(key)) {
        Tap.nettyClosed(pipeline.channel().attr(key).get());
      }
    }
  }

  /** {@code DefaultChannelPipeline.HeadContext.close(..)}: the application closes. */
  static final class Close {
    private Close() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.Argument(0) ChannelHandlerContext ctx) {
      AttributeKey<Object> key = AttributeKey.valueOf("hdrlog");
      if (ctx.channel().hasAttr(key)) {
        Tap.nettyClosing(ctx.channel().attr(key).get());
      }
    }
  }

  /** {@code DefaultChannelPipeline.fireExceptionCaught(Throwable)}: the transport failed. */
  static final class ExceptionCaught {
    private ExceptionCaught() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(
        @Advice.This ChannelPipeline pipeline, @Advice.Argument(0) Throwable failure) {
      AttributeKey<Object> key = AttributeKey.valueOf("hdrlog");
      if (pipeline.channel().hasAttr(key)) {
        Tap.nettyFailed(pipeline.channel().attr(key).get(), failure);
      }
    }
  }

  /**
   * {@code AbstractChannelHandlerContext.invokeExceptionCaught(Throwable)}: a handler threw, or the
   * one before it passed an exception on.
   */
  static final class Thrown {
    private Thrown() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(
        @Advice.This ChannelHandlerContext ctx, @Advice.Argument(0) Throwable failure) {
      AttributeKey<Object> key = AttributeKey.valueOf("hdrlog");
      if (ctx.channel().hasAttr(key)) {
        Tap.nettyThrown(
            ctx.channel().attr(key).get(), failure, ctx.channel().eventLoop().inEventLoop());
      }
    }
  }

  /** {@code ReadTimeoutHandler.readTimedOut(..)}. */
  static final class ReadTimedOut {
    private ReadTimedOut() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.Argument(0) ChannelHandlerContext ctx) {
      AttributeKey<Object> key = AttributeKey.valueOf("hdrlog");
      if (ctx.channel().hasAttr(key)) {
        Tap.nettyFailed(ctx.channel().attr(key).get(), ReadTimeoutException.INSTANCE);
      }
    }
  }

  /** {@code ByteToMessageDecoder.fireChannelRead(..)}: handlers run inside of it. */
  static final class Handle {
    private Handle() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static Object enter(@Advice.Argument(0) ChannelHandlerContext ctx) {
      AttributeKey<Object> key = AttributeKey.valueOf("hdrlog");
      if (!ctx.channel().hasAttr(key)) {
        return null;
      }
      Object state = ctx.channel().attr(key).get();
      return Tap.nettyHandle(state, ctx.handler().getClass().getClassLoader()) ? state : null;
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(@Advice.Enter Object state) {
      if (state != null) {
        Tap.nettyHandled(state);
      }
    }
  }
}
