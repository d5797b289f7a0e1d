package io.hdrlog.core.instrument.jdk;

import io.hdrlog.tap.Tap;
import net.bytebuddy.asm.Advice;

/**
 * Advice for {@code sun.nio.ch.SocketDispatcher}, where what the kernel took is known at once. The
 * channel that asked may throw after that.
 */
final class SocketDispatcherAdvice {
  private SocketDispatcherAdvice() {}

  /** {@code write(FileDescriptor, long, int)}. */
  static final class Write {
    private Write() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(@Advice.Return int count) {
      Tap.wireTaken(count);
    }
  }

  /** {@code writev(FileDescriptor, long, int)}. */
  static final class WriteMany {
    private WriteMany() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(@Advice.Return long count) {
      Tap.wireTaken(count);
    }
  }
}
