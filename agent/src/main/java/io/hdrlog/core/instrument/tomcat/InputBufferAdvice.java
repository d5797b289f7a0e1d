package io.hdrlog.core.instrument.tomcat;

import io.hdrlog.tap.Tap;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLSession;
import net.bytebuddy.asm.Advice;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.tomcat.util.net.Nio2Channel;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SecureNio2Channel;
import org.apache.tomcat.util.net.SecureNioChannel;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * Advice for {@code Http11InputBuffer}: where a request's bytes come in, where its header block
 * ends, and where the exchange does. Each class here is copied into one method of that class.
 */
@SuppressWarnings({
  "PatternMatchingInstanceof", // each variable would be one more where it is copied to
  "ByteBufferBackingArray" // Tomcat allocates it itself and uses its array likewise
})
final class InputBufferAdvice {
  /** The note of Tomcat's request object that holds the tap's state: the last one there is. */
  static final int NOTE = 31;

  private InputBufferAdvice() {}

  /** {@code init(SocketWrapperBase)}: a processor begins to serve a connection. */
  static final class Init {
    private Init() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(
        @Advice.Argument(0) SocketWrapperBase<?> wrapper,
        @Advice.FieldValue("request") Request request) {
      Object state = request.getNote(NOTE);
      if (state == null) {
        state = Tap.coyoteState();
        request.setNote(NOTE, state);
      }
      if (Tap.coyoteAttach(state, wrapper)) {
        Object socket = wrapper.getSocket();
        Object channel = null;
        SSLSession session = null;
        if (socket instanceof NioChannel) {
          channel = ((NioChannel) socket).getIOChannel();
          // Without an engine there was no handshake, and there will be no request.
          if (socket instanceof SecureNioChannel
              && ((SecureNioChannel) socket).getSslEngine() != null) {
            session = ((SecureNioChannel) socket).getSslEngine().getSession();
          }
        } else if (socket instanceof Nio2Channel) {
          channel = ((Nio2Channel) socket).getIOChannel();
          if (socket instanceof SecureNio2Channel
              && ((SecureNio2Channel) socket).getSslEngine() != null) {
            session = ((SecureNio2Channel) socket).getSslEngine().getSession();
          }
        }
        Tap.coyoteOpened(state, channel, session);
      }
    }
  }

  /** {@code fill(boolean)}: bytes come from the connection. */
  static final class Fill {
    private Fill() {}

    /** Where the new bytes will begin. */
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static int enter(
        @Advice.FieldValue("parsingHeader") boolean parsingHeader,
        @Advice.FieldValue("end") int end,
        @Advice.FieldValue("byteBuffer") ByteBuffer buffer) {
      return parsingHeader ? buffer.limit() : end;
    }

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(
        @Advice.Enter int from,
        @Advice.FieldValue("parsingHeader") boolean parsingHeader,
        @Advice.FieldValue("byteBuffer") ByteBuffer buffer,
        @Advice.FieldValue("request") Request request) {
      int length = buffer.limit() - from;
      if (length > 0) {
        Tap.coyoteFilled(request.getNote(NOTE), buffer.array(), from, length, parsingHeader);
      }
    }
  }

  /** {@code parseHeaders()}: true if the header block is complete. */
  static final class ParseHeaders {
    private ParseHeaders() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(
        @Advice.Return boolean complete,
        @Advice.FieldValue("byteBuffer") ByteBuffer buffer,
        @Advice.FieldValue("request") Request request) {
      if (complete) {
        Tap.coyoteHead(request.getNote(NOTE), buffer.position());
      }
    }
  }

  /** {@code nextRequest()}: the exchange is over, and another may lie in the buffer already. */
  static final class NextRequest {
    private NextRequest() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(
        @Advice.FieldValue("byteBuffer") ByteBuffer buffer,
        @Advice.FieldValue("request") Request request) {
      Response response = request.getResponse();
      Tap.coyoteEnd(
          request.getNote(NOTE),
          buffer.remaining(),
          request.getBytesRead(),
          response.getContentWritten(),
          response.getBytesWritten(false));
    }

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(
        @Advice.FieldValue("byteBuffer") ByteBuffer buffer,
        @Advice.FieldValue("request") Request request) {
      int length = buffer.remaining();
      if (length > 0) {
        Tap.coyoteNext(request.getNote(NOTE), buffer.array(), buffer.position(), length);
      }
    }
  }

  /** {@code recycle()}: the processor leaves the connection, perhaps in the midst of a request. */
  static final class Recycle {
    private Recycle() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(
        @Advice.FieldValue("parsingRequestLinePhase") int phase,
        @Advice.FieldValue("parsingRequestLine") boolean inLine,
        @Advice.FieldValue("byteBuffer") ByteBuffer buffer,
        @Advice.FieldValue("wrapper") SocketWrapperBase<?> wrapper,
        @Advice.FieldValue("request") Request request) {
      Object state = request.getNote(NOTE);
      if (Tap.coyoteIsOpen(state)) {
        if (phase == -1 || (phase == 0 && inLine)) {
          // The preface of HTTP/2, unless it was refused; or bytes behind the connection's last
          // request, which the parser never looks at: the rest of a broken head, a body that nobody
          // wanted.
          Tap.coyoteDiscard(state);
        }
        if (Tap.coyoteIsOpen(state)) {
          Throwable error = wrapper == null ? null : wrapper.getError();
          if (error != null) {
            Tap.coyoteError(state, false, error);
          }
          Response response = request.getResponse();
          Tap.coyoteEnd(
              state,
              buffer == null ? 0 : buffer.remaining(),
              request.getBytesRead(),
              response.getContentWritten(),
              response.getBytesWritten(false));
        }
      }
      Tap.coyoteDetach(state);
    }
  }
}
