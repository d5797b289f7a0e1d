package io.hdrlog.core.instrument.tomcat;

import io.hdrlog.tap.Tap;
import net.bytebuddy.asm.Advice;
import org.apache.coyote.AbstractProcessor;
import org.apache.coyote.ErrorState;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.tomcat.util.http.MimeHeaders;
import org.apache.tomcat.util.net.SendfileDataBase;

/** Advice for Tomcat's processors and what is around them. */
final class ProcessorAdvice {
  private ProcessorAdvice() {}

  /** {@code AbstractProcessor.setErrorState(ErrorState, Throwable)}. */
  static final class SetErrorState {
    private SetErrorState() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(
        @Advice.Argument(0) ErrorState error,
        @Advice.Argument(1) Throwable failure,
        @Advice.FieldValue("request") Request request) {
      Tap.coyoteError(request.getNote(InputBufferAdvice.NOTE), error.isIoAllowed(), failure);
    }
  }

  /** {@code AsyncStateMachine.asyncComplete()}. */
  static final class AsyncComplete {
    private AsyncComplete() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.FieldValue("processor") AbstractProcessor processor) {
      Request request = processor.getRequest();
      if (request != null) {
        Tap.coyoteAsyncComplete(request.getNote(InputBufferAdvice.NOTE));
      }
    }
  }

  /** {@code AsyncStateMachine.asyncTimeout()}: true if the application was too slow. */
  static final class AsyncTimeout {
    private AsyncTimeout() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(
        @Advice.Return boolean timedOut,
        @Advice.FieldValue("processor") AbstractProcessor processor) {
      Request request = processor.getRequest();
      if (timedOut && request != null) {
        Object state = request.getNote(InputBufferAdvice.NOTE);
        if (state != null) {
          Tap.coyoteAsyncTimeout(state);
        } else {
          Tap.servletAsyncTimeout(request.getNote(AdapterAdvice.OTHER_NOTE));
        }
      }
    }
  }

  /**
   * {@code Http11Processor.getLeftoverInput()}: another protocol takes over, or, after the preface
   * of HTTP/2 to a connector that does not speak it, none.
   */
  static final class LeftoverInput {
    private LeftoverInput() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(
        @Advice.FieldValue("upgradeToken") Object token,
        @Advice.FieldValue("protocol") AbstractHttp11Protocol<?> protocol,
        @Advice.FieldValue("request") Request request) {
      if (token == null && protocol.getUpgradeProtocol("h2c") == null) {
        Tap.coyoteMapped(request.getNote(InputBufferAdvice.NOTE), true, null);
      }
    }
  }

  /** {@code Http11Processor.prepareSendfile(OutputFilter[])}. */
  static final class PrepareSendfile {
    private PrepareSendfile() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(
        @Advice.FieldValue("sendfileData") SendfileDataBase data,
        @Advice.FieldValue("request") Request request) {
      if (data != null) {
        Tap.coyoteSendfile(request.getNote(InputBufferAdvice.NOTE), data.length);
      }
    }
  }

  /** {@code Http11Processor.prepareResponse()}: the last moment to add a header. */
  static final class PrepareResponse {
    private PrepareResponse() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(
        @Advice.FieldValue("request") Request request,
        @Advice.FieldValue("response") Response response) {
      String name = Tap.requestIdHeader();
      if (name != null) {
        MimeHeaders headers = response.getMimeHeaders();
        if (headers.getValue(name) == null) {
          String id = Tap.coyoteRequestId(request.getNote(InputBufferAdvice.NOTE));
          if (id != null) {
            headers.addValue(name).setString(id);
          }
        }
      }
    }
  }

  /** A constructor of {@code SocketWrapperBase}: a connection was accepted. */
  static final class Accepted {
    private Accepted() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(@Advice.This Object wrapper) {
      Tap.coyoteAccepted(wrapper);
    }
  }

  /** {@code SocketWrapperBase.close()}. */
  static final class Closed {
    private Closed() {}

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(@Advice.This Object wrapper) {
      Tap.coyoteClosed(wrapper);
    }
  }
}
