package io.hdrlog.core.instrument.jdk;

import io.hdrlog.tap.Tap;
import net.bytebuddy.asm.Advice;

/** Advice for the streams of {@code sun.security.ssl.SSLSocketImpl}. */
final class SslSocketAdvice {
  private SslSocketAdvice() {}

  /** {@code AppInputStream.read(byte[], int, int)}. */
  static final class Read {
    private Read() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(
        @Advice.FieldValue("this$0") Object socket,
        @Advice.Argument(0) byte[] bytes,
        @Advice.Argument(1) int offset,
        @Advice.Return int count) {
      Tap.wireReceivedSecure(socket, bytes, offset, count);
    }
  }

  /** {@code AppOutputStream.write(byte[], int, int)}. */
  static final class Write {
    private Write() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.FieldValue("this$0") Object socket) {
      Tap.wireWriting(socket);
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(
        @Advice.FieldValue("this$0") Object socket,
        @Advice.Argument(0) byte[] bytes,
        @Advice.Argument(1) int offset,
        @Advice.Argument(2) int length,
        @Advice.Thrown Throwable failure) {
      Tap.wireWrittenSecure(socket, bytes, offset, length, failure);
    }
  }
}
