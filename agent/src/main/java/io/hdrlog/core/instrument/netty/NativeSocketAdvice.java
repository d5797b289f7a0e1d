package io.hdrlog.core.instrument.netty;

import io.hdrlog.tap.Tap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.FileRegion;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import net.bytebuddy.asm.Advice;

/**
 * Advice for the transports that have sockets of their own (epoll, io_uring): what goes over the
 * wire, at the end of the pipeline that is next to the socket. NIO is watched at the JDK's sockets.
 */
@SuppressWarnings("PatternMatchingInstanceof") // variables would be added where it is copied to
final class NativeSocketAdvice {
  private NativeSocketAdvice() {}

  /**
   * {@code DefaultChannelPipeline.invokeHandlerAddedIfNeeded()}: the first thing that happens to a
   * channel. HTTP/2 sends its settings before the channel says that it is active.
   */
  static final class Registered {
    private Registered() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.This ChannelPipeline pipeline) {
      if (Tap.wireWanted()) {
        Channel channel = pipeline.channel();
        if (channel.parent() instanceof ServerChannel && !(channel instanceof NioSocketChannel)) {
          Tap.wireOpened(channel, channel.remoteAddress(), channel.localAddress());
        }
      }
    }
  }

  /** {@code DefaultChannelPipeline.fireChannelRead(Object)}. */
  static final class Read {
    private Read() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.This ChannelPipeline pipeline, @Advice.Argument(0) Object message) {
      if (Tap.wireWanted() && message instanceof ByteBuf) {
        Channel channel = pipeline.channel();
        if (channel.parent() instanceof ServerChannel && !(channel instanceof NioSocketChannel)) {
          for (ByteBuffer part : ((ByteBuf) message).nioBuffers()) {
            Tap.wirePassed(channel, false, part, part.position(), part.remaining());
          }
        }
      }
    }
  }

  /** {@code DefaultChannelPipeline.HeadContext.write(..)}. */
  static final class Write {
    private Write() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(
        @Advice.Argument(0) ChannelHandlerContext ctx, @Advice.Argument(1) Object message) {
      if (Tap.wireWanted()) {
        Channel channel = ctx.channel();
        if (channel.parent() instanceof ServerChannel && !(channel instanceof NioSocketChannel)) {
          if (message instanceof ByteBuf) {
            for (ByteBuffer part : ((ByteBuf) message).nioBuffers()) {
              Tap.wirePassed(channel, true, part, part.position(), part.remaining());
            }
          } else if (message instanceof FileRegion) {
            Tap.wireSentUnseen(channel, ((FileRegion) message).count());
          }
        }
      }
    }
  }

  /** {@code DefaultChannelPipeline.HeadContext.close(..)}: the application closes. */
  static final class Close {
    private Close() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.Argument(0) ChannelHandlerContext ctx) {
      if (Tap.wireWanted()) {
        Tap.wireClosing(ctx.channel());
      }
    }
  }

  /** {@code DefaultChannelPipeline.fireExceptionCaught(Throwable)}: the transport failed. */
  static final class ExceptionCaught {
    private ExceptionCaught() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(
        @Advice.This ChannelPipeline pipeline, @Advice.Argument(0) Throwable failure) {
      if (Tap.wireWanted() && failure instanceof IOException) {
        Tap.wireFailed(pipeline.channel(), failure);
      }
    }
  }

  /** {@code DefaultChannelPipeline.fireChannelInactive()}. */
  static final class Inactive {
    private Inactive() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.This ChannelPipeline pipeline) {
      if (Tap.wireWanted()) {
        Tap.wireClosed(pipeline.channel());
      }
    }
  }
}
