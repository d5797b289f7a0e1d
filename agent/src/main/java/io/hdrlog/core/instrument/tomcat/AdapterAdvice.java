package io.hdrlog.core.instrument.tomcat;

import io.hdrlog.tap.Tap;
import jakarta.servlet.http.MappingMatch;
import net.bytebuddy.asm.Advice;
import org.apache.catalina.Context;
import org.apache.catalina.Loader;
import org.apache.catalina.connector.Response;
import org.apache.catalina.mapper.MappingData;
import org.apache.coyote.Request;

/** Advice for {@code CoyoteAdapter} and the objects it gives to applications. */
@SuppressWarnings("PatternMatchingInstanceof") // variables would be added where it is copied to
final class AdapterAdvice {
  private AdapterAdvice() {}

  /** {@code service(Request, Response)}. */
  static final class Service {
    private Service() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.Argument(0) Request request) {
      Tap.coyoteEnter(request.getNote(InputBufferAdvice.NOTE));
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(@Advice.Argument(0) Request request) {
      Tap.coyoteLeave(request.getNote(InputBufferAdvice.NOTE));
    }
  }

  /** {@code asyncDispatch(Request, Response, SocketEvent)}. */
  static final class AsyncDispatch {
    private AsyncDispatch() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.Argument(0) Request request) {
      Tap.coyoteResume(request.getNote(InputBufferAdvice.NOTE));
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(@Advice.Argument(0) Request request) {
      Tap.coyoteLeave(request.getNote(InputBufferAdvice.NOTE));
    }
  }

  /** {@code postParseRequest(..)}: whether there is anything that will handle the request. */
  static final class PostParse {
    private PostParse() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(
        @Advice.Return boolean goesOn,
        @Advice.Argument(0) Request coyote,
        @Advice.Argument(1) org.apache.catalina.connector.Request request,
        @Advice.Argument(2) org.apache.coyote.Response response) {
      Context context = request.getMappingData().context;
      boolean refused = response.getStatus() >= 400 || (goesOn && context == null);
      Loader loader = context == null ? null : context.getLoader();
      Tap.coyoteMapped(
          coyote.getNote(InputBufferAdvice.NOTE),
          refused,
          loader == null ? null : loader.getClassLoader());
    }
  }

  /** {@code connector.Response.finishResponse()}: the application is done. */
  static final class FinishResponse {
    private FinishResponse() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(
        @Advice.This Response catalina,
        @Advice.FieldValue("coyoteResponse") org.apache.coyote.Response response) {
      Object failure = null;
      if (response.getStatus() >= 500) {
        failure = catalina.getRequest().getAttribute("jakarta.servlet.error.exception");
        if (failure == null) {
          failure = catalina.getRequest().getAttribute("javax.servlet.error.exception");
        }
      }
      Tap.coyoteExit(
          response.getRequest().getNote(InputBufferAdvice.NOTE),
          failure instanceof Throwable ? (Throwable) failure : null);
    }
  }

  /** The same method, for the route; apart, because Servlet 3 knows no mapping. */
  static final class Route {
    private Route() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.This Response response) {
      org.apache.catalina.connector.Request request = response.getRequest();
      MappingData mapping = request.getMappingData();
      if (mapping.context != null && mapping.matchType != null) {
        Object state = request.getCoyoteRequest().getNote(InputBufferAdvice.NOTE);
        String context = mapping.context.getPath();
        Object named = null;
        if (Tap.coyoteAskFramework()) {
          named =
              request.getAttribute(
                  "org.springframework.web.servlet.HandlerMapping.bestMatchingPattern");
        }
        if (named instanceof String) {
          Tap.coyoteRoute(state, context, (String) named);
        } else if (mapping.matchType == MappingMatch.DEFAULT) {
          Tap.coyoteRoute(state, context, "/");
        } else if (mapping.matchType == MappingMatch.CONTEXT_ROOT) {
          Tap.coyoteRoute(state, context, "");
        } else if (mapping.matchType == MappingMatch.EXACT) {
          Tap.coyoteRoute(state, context, mapping.wrapperPath.toString());
        } else {
          // The string is made once and kept by Tomcat; applications ask for it as a rule.
          Tap.coyoteRoute(
              state,
              context,
              mapping.wrapperPath.toString(),
              mapping.matchType == MappingMatch.EXTENSION);
        }
      }
    }
  }

  /** {@code connector.Request.getAttribute(String)}: the request id for who asks. */
  static final class GetAttribute {
    private GetAttribute() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(
        @Advice.Argument(0) String name,
        @Advice.FieldValue("coyoteRequest") Request request,
        @Advice.Return(readOnly = false) Object value) {
      // Both literals are interned only if the caller's is; equals() is cheap on other lengths.
      if (value == null && name != null) {
        if (name.equals("hdrlog.request_id")) {
          value = Tap.coyoteRequestId(request.getNote(InputBufferAdvice.NOTE));
        } else if (name.equals("hdrlog.exchange")) {
          Object state = request.getNote(InputBufferAdvice.NOTE);
          value = Tap.coyoteIsOpen(state) ? state : null;
        }
      }
    }
  }
}
