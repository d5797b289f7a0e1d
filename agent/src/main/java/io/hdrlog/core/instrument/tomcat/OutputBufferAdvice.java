package io.hdrlog.core.instrument.tomcat;

import io.hdrlog.tap.Tap;
import java.nio.ByteBuffer;
import net.bytebuddy.asm.Advice;
import org.apache.coyote.Response;
import org.apache.coyote.http11.Constants;

/** Advice for {@code Http11OutputBuffer}: the bytes of response heads as they go out. */
@SuppressWarnings("ByteBufferBackingArray") // Tomcat allocates it itself
final class OutputBufferAdvice {
  private OutputBufferAdvice() {}

  /** {@code writeHeaders()}, or {@code commit()} where that is missing: a head is complete. */
  static final class WriteHeaders {
    private WriteHeaders() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(
        @Advice.FieldValue("headerBuffer") ByteBuffer buffer,
        @Advice.FieldValue("response") Response response) {
      int length = buffer.position();
      if (length > 0) {
        Tap.coyoteResponse(
            response.getRequest().getNote(InputBufferAdvice.NOTE), buffer.array(), 0, length);
      }
    }
  }

  /** {@code sendAck()}: {@code 100 Continue}, unless it was sent before. */
  static final class SendAck {
    private SendAck() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static boolean enter(
        @Advice.FieldValue("ackSent") boolean sent,
        @Advice.FieldValue("response") Response response) {
      return !sent && !response.isCommitted();
    }

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(
        @Advice.Enter boolean sends, @Advice.FieldValue("response") Response response) {
      if (sends) {
        Tap.coyoteAck(
            response.getRequest().getNote(InputBufferAdvice.NOTE), Constants.ACK_BYTES.length);
      }
    }
  }
}
