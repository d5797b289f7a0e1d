package io.hdrlog.core.instrument.jdk;

import io.hdrlog.tap.Tap;
import java.nio.ByteBuffer;
import net.bytebuddy.asm.Advice;

/** Advice for {@code sun.nio.ch.SocketChannelImpl}. */
final class SocketChannelAdvice {
  private SocketChannelAdvice() {}

  /** The constructor for a socket that was accepted. */
  static final class Accepted {
    private Accepted() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(@Advice.This Object channel) {
      Tap.wireAccepted(channel);
    }
  }

  /** {@code read(ByteBuffer)}. */
  static final class Read {
    private Read() {}

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(
        @Advice.This Object channel,
        @Advice.Argument(0) ByteBuffer buffer,
        @Advice.Return int count,
        @Advice.Thrown Throwable failure) {
      if (failure != null) {
        Tap.wireFailed(channel, failure);
      } else if (count != 0) {
        Tap.wireReceived(channel, buffer, count);
      }
    }
  }

  /** {@code read(ByteBuffer[], int, int)}. */
  static final class ReadMany {
    private ReadMany() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static long enter(
        @Advice.Argument(0) ByteBuffer[] buffers,
        @Advice.Argument(1) int offset,
        @Advice.Argument(2) int length) {
      return Tap.wirePositions(buffers, offset, length);
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(
        @Advice.Enter long before,
        @Advice.This Object channel,
        @Advice.Argument(0) ByteBuffer[] buffers,
        @Advice.Argument(1) int offset,
        @Advice.Return long count,
        @Advice.Thrown Throwable failure) {
      if (failure != null) {
        Tap.wireFailed(channel, failure);
      } else if (count != 0) {
        Tap.wireMoved(channel, false, buffers, offset, before, count);
      }
    }
  }

  /** {@code write(ByteBuffer)}. */
  static final class Write {
    private Write() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static int enter(@Advice.This Object channel, @Advice.Argument(0) ByteBuffer buffer) {
      Tap.wireWriting(channel);
      return buffer == null ? 0 : buffer.position();
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(
        @Advice.Enter int start,
        @Advice.This Object channel,
        @Advice.Argument(0) ByteBuffer buffer,
        @Advice.Return int count,
        @Advice.Thrown Throwable failure) {
      Tap.wireWritten(channel, buffer, start, count, failure);
    }
  }

  /** {@code write(ByteBuffer[], int, int)}. */
  static final class WriteMany {
    private WriteMany() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static long enter(
        @Advice.This Object channel,
        @Advice.Argument(0) ByteBuffer[] buffers,
        @Advice.Argument(1) int offset,
        @Advice.Argument(2) int length) {
      Tap.wireWriting(channel);
      return Tap.wirePositions(buffers, offset, length);
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(
        @Advice.Enter long before,
        @Advice.This Object channel,
        @Advice.Argument(0) ByteBuffer[] buffers,
        @Advice.Argument(1) int offset,
        @Advice.Argument(2) int length,
        @Advice.Return long count,
        @Advice.Thrown Throwable failure) {
      Tap.wireWritten(channel, buffers, offset, length, before, count, failure);
    }
  }
}
