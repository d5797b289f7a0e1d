package io.hdrlog.core.instrument.jdk;

import io.hdrlog.tap.Tap;
import java.net.SocketImpl;
import net.bytebuddy.asm.Advice;

/**
 * Advice for sockets as streams of bytes: {@code sun.nio.ch.NioSocketImpl}, which is behind {@code
 * java.net.Socket}, and {@code sun.nio.ch.SocketChannelImpl} where its socket is used so.
 */
final class StreamAdvice {
  private StreamAdvice() {}

  /** {@code NioSocketImpl.accept(SocketImpl)}: the argument is the new one. */
  static final class Accepted {
    private Accepted() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(@Advice.Argument(0) SocketImpl accepted) {
      Tap.wireAccepted(accepted);
    }
  }

  /** {@code read(byte[], int, int)}, {@code blockingRead(byte[], int, int, long)}. */
  static final class Read {
    private Read() {}

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(
        @Advice.This Object socket,
        @Advice.Argument(0) byte[] bytes,
        @Advice.Argument(1) int offset,
        @Advice.Return int count,
        @Advice.Thrown Throwable failure) {
      if (failure != null) {
        Tap.wireFailed(socket, failure);
      } else {
        Tap.wireReceived(socket, bytes, offset, count);
      }
    }
  }

  /**
   * {@code NioSocketImpl.implWrite(byte[], int, int)}, {@code SocketChannelImpl.tryWrite(byte[],
   * int, int)}: a piece of what is to be written. Of a write that fails in its midst the whole
   * would tell nothing.
   */
  static final class Write {
    private Write() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.This Object socket) {
      Tap.wireWriting(socket);
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(
        @Advice.This Object socket,
        @Advice.Argument(0) byte[] bytes,
        @Advice.Argument(1) int offset,
        @Advice.Return int count,
        @Advice.Thrown Throwable failure) {
      Tap.wireWritten(socket, bytes, offset, count, failure);
    }
  }

  /** {@code close()}, {@code implCloseSelectableChannel()}. */
  static final class Closed {
    private Closed() {}

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(@Advice.This Object socket) {
      Tap.wireClosed(socket);
    }
  }
}
