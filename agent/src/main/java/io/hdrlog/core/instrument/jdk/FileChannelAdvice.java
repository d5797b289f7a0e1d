package io.hdrlog.core.instrument.jdk;

import io.hdrlog.tap.Tap;
import java.nio.channels.WritableByteChannel;
import net.bytebuddy.asm.Advice;

/** Advice for {@code sun.nio.ch.FileChannelImpl}: {@code sendfile(2)} goes past all buffers. */
final class FileChannelAdvice {
  private FileChannelAdvice() {}

  /** {@code transferToDirect(long, int, WritableByteChannel)}. */
  static final class TransferTo {
    private TransferTo() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.Argument(2) WritableByteChannel target) {
      Tap.wireWriting(target);
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(
        @Advice.Argument(2) WritableByteChannel target,
        @Advice.Return long count,
        @Advice.Thrown Throwable failure) {
      Tap.wireWritten(target, count, failure);
    }
  }
}
