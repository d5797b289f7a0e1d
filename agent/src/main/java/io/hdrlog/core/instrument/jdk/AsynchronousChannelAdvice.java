package io.hdrlog.core.instrument.jdk;

import io.hdrlog.tap.Tap;
import java.io.FileDescriptor;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import net.bytebuddy.asm.Advice;

/**
 * Advice for NIO.2, {@code sun.nio.ch.UnixAsynchronousSocketChannelImpl}. Its own methods call the
 * application's handler before they return, so bytes are taken where they are moved, in those
 * methods of {@code sun.nio.ch.IOUtil} that nobody else calls for a socket. There a connection is
 * its file descriptor's object.
 */
final class AsynchronousChannelAdvice {
  private AsynchronousChannelAdvice() {}

  /** The constructor for a socket that was accepted. */
  static final class Accepted {
    private Accepted() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(
        @Advice.FieldValue("fd") FileDescriptor fd,
        @Advice.FieldValue("remoteAddress") InetSocketAddress remote,
        @Advice.FieldValue("localAddress") InetSocketAddress local) {
      Tap.wireOpened(fd, remote, local);
    }
  }

  /** {@code implClose()}: only this side calls it. */
  static final class Closed {
    private Closed() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.FieldValue("fd") FileDescriptor fd) {
      Tap.wireClosing(fd);
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(@Advice.FieldValue("fd") FileDescriptor fd) {
      Tap.wireClosed(fd);
    }
  }

  /** {@code IOUtil.read(FileDescriptor, ByteBuffer, long, boolean, NativeDispatcher)}. */
  static final class Read {
    private Read() {}

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(
        @Advice.Argument(0) FileDescriptor fd,
        @Advice.Argument(1) ByteBuffer buffer,
        @Advice.Argument(2) long position,
        @Advice.Return int count,
        @Advice.Thrown Throwable failure) {
      // Files are read at a position; what is below the end of the stream says "not now".
      if (position < 0) {
        if (failure != null) {
          Tap.wireFailed(fd, failure);
        } else if (count >= -1 && count != 0) {
          Tap.wireReceived(fd, buffer, count);
        }
      }
    }
  }

  /** {@code IOUtil.read(FileDescriptor, ByteBuffer[], boolean, NativeDispatcher)}. */
  static final class ReadMany {
    private ReadMany() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static long enter(@Advice.Argument(1) ByteBuffer[] buffers) {
      return Tap.wirePositions(buffers, 0, buffers.length);
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(
        @Advice.Enter long before,
        @Advice.Argument(0) FileDescriptor fd,
        @Advice.Argument(1) ByteBuffer[] buffers,
        @Advice.Return long count,
        @Advice.Thrown Throwable failure) {
      if (failure != null) {
        Tap.wireFailed(fd, failure);
      } else if (count >= -1 && count != 0) {
        Tap.wireMoved(fd, false, buffers, 0, before, count);
      }
    }
  }

  /** {@code IOUtil.write(FileDescriptor, ByteBuffer, long, boolean, NativeDispatcher)}. */
  static final class Write {
    private Write() {}

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(
        @Advice.Argument(0) FileDescriptor fd,
        @Advice.Argument(1) ByteBuffer buffer,
        @Advice.Argument(2) long position,
        @Advice.Return int count,
        @Advice.Thrown Throwable failure) {
      if (position < 0) {
        if (failure != null) {
          Tap.wireFailed(fd, failure);
        } else {
          Tap.wireSent(fd, buffer, count);
        }
      }
    }
  }

  /** {@code IOUtil.write(FileDescriptor, ByteBuffer[], boolean, NativeDispatcher)}. */
  static final class WriteMany {
    private WriteMany() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static long enter(@Advice.Argument(1) ByteBuffer[] buffers) {
      return Tap.wirePositions(buffers, 0, buffers.length);
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(
        @Advice.Enter long before,
        @Advice.Argument(0) FileDescriptor fd,
        @Advice.Argument(1) ByteBuffer[] buffers,
        @Advice.Return long count,
        @Advice.Thrown Throwable failure) {
      if (failure != null) {
        Tap.wireFailed(fd, failure);
      } else {
        Tap.wireMoved(fd, true, buffers, 0, before, count);
      }
    }
  }
}
