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

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(@Advice.Argument(2) WritableByteChannel target, @Advice.Return long count) {
      Tap.wireSentUnseen(target, count);
    }
  }
}
