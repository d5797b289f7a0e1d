package io.hdrlog.core.instrument.tomcat;

import io.hdrlog.tap.Tap;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.MappingMatch;
import java.util.Enumeration;
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

  /**
   * The note that holds the state of a request which another connector than that of HTTP/1.1 took:
   * a stream of HTTP/2, or AJP. The Servlet API's part of the tap makes its record.
   */
  static final int OTHER_NOTE = 30;

  /** {@code service(Request, Response)}. */
  static final class Service {
    private Service() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.Argument(0) Request request) {
      Tap.coyoteEnter(request.getNote(InputBufferAdvice.NOTE));
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(@Advice.Argument(0) Request request) {
      Object state = request.getNote(InputBufferAdvice.NOTE);
      if (state != null) {
        Tap.coyoteLeave(state);
      } else {
        Tap.servletLeave(request.getNote(OTHER_NOTE), null);
      }
    }
  }

  /** {@code asyncDispatch(Request, Response, SocketEvent)}. */
  static final class AsyncDispatch {
    private AsyncDispatch() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.Argument(0) Request request) {
      Object state = request.getNote(InputBufferAdvice.NOTE);
      if (state != null) {
        Tap.coyoteResume(state);
      } else {
        Tap.servletResume(request.getNote(OTHER_NOTE), null);
      }
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(@Advice.Argument(0) Request request) {
      Object state = request.getNote(InputBufferAdvice.NOTE);
      if (state != null) {
        Tap.coyoteLeave(state);
      } else {
        Tap.servletLeave(request.getNote(OTHER_NOTE), null);
      }
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
      ClassLoader application = loader == null ? null : loader.getClassLoader();
      Object state = coyote.getNote(InputBufferAdvice.NOTE);
      if (state != null) {
        Tap.coyoteMapped(state, refused, application);
      } else {
        state = Tap.servletOpen(request, application);
        coyote.setNote(OTHER_NOTE, state);
        if (state != null) {
          String protocol = request.getProtocol();
          if (protocol.startsWith("HTTP/2")) {
            // Not asked of AJP: there the proxy tells.
            Tap.servletEnds(
                state,
                request.getRemoteAddr(),
                request.getRemotePort(),
                request.getLocalAddr(),
                request.getLocalPort());
          }
          Tap.servletRequest(
              state,
              request.getMethod(),
              request.getRequestURI(),
              request.getQueryString(),
              protocol);
          Enumeration<String> names = request.getHeaderNames();
          while (names.hasMoreElements()) {
            String name = names.nextElement();
            Enumeration<String> values = request.getHeaders(name);
            while (values.hasMoreElements()) {
              Tap.servletRequestHeader(state, name, values.nextElement());
            }
          }
          Tap.servletRequestHeader(state, null, null);
          Tap.servletSecure(state, request.isSecure());
          if (refused) {
            Tap.servletRefused(state);
          }
        }
      }
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

  /** The same method: the end of a request that another connector took. */
  static final class FinishOther {
    private FinishOther() {}

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(
        @Advice.This Response catalina,
        @Advice.FieldValue("coyoteResponse") org.apache.coyote.Response response) {
      Request request = response.getRequest();
      if (request.getNote(InputBufferAdvice.NOTE) == null && request.getNote(OTHER_NOTE) != null) {
        Object failure = null;
        if (response.getStatus() >= 500) {
          failure = catalina.getRequest().getAttribute("jakarta.servlet.error.exception");
          if (failure == null) {
            failure = catalina.getRequest().getAttribute("javax.servlet.error.exception");
          }
        }
        Object state = request.getNote(OTHER_NOTE);
        Tap.servletFailed(
            state,
            failure instanceof Throwable ? (Throwable) failure : null,
            response.getErrorException());
        Tap.servletEnd(state, catalina, null);
      }
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
        // Behind an error page that is the page's.
        if (Tap.coyoteAskFramework() && request.getDispatcherType() != DispatcherType.ERROR) {
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

  /**
   * {@code connector.Response.isErrorReportRequired()}: when the answer is yes an error page is
   * about to be asked, and its route will stand where now the request's own does.
   */
  static final class RouteBeforeErrorPage {
    private RouteBeforeErrorPage() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(@Advice.This Response response, @Advice.Return boolean required) {
      if (required && Tap.coyoteAskFramework()) {
        org.apache.catalina.connector.Request request = response.getRequest();
        MappingData mapping = request.getMappingData();
        Object named =
            request.getAttribute(
                "org.springframework.web.servlet.HandlerMapping.bestMatchingPattern");
        if (mapping.context != null && named instanceof String) {
          Tap.coyoteRoute(
              request.getCoyoteRequest().getNote(InputBufferAdvice.NOTE),
              mapping.context.getPath(),
              (String) named);
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
          Object state = request.getNote(InputBufferAdvice.NOTE);
          value =
              state == null
                  ? Tap.servletRequestId(request.getNote(OTHER_NOTE))
                  : Tap.coyoteRequestId(state);
        } else if (name.equals("hdrlog.exchange")) {
          // Any object will do: it tells the Servlet API's advice that the request is covered.
          Object state = request.getNote(InputBufferAdvice.NOTE);
          if (state == null ? request.getNote(OTHER_NOTE) != null : Tap.coyoteIsOpen(state)) {
            value = name;
          }
        }
      }
    }
  }
}
