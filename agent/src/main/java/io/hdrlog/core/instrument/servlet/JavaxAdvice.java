package io.hdrlog.core.instrument.servlet;

import io.hdrlog.tap.Tap;
import java.util.Enumeration;
import javax.servlet.AsyncListener;
import javax.servlet.ServletRequest;
import javax.servlet.ServletResponse;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import net.bytebuddy.asm.Advice;

/**
 * Advice for {@code Servlet.service} and {@code Filter.doFilter} of the javax packages. The
 * outermost one of a request opens the exchange; an attribute of the request tells the others.
 */
@SuppressWarnings("PatternMatchingInstanceof") // variables would be added where it is copied to
final class JavaxAdvice {
  private JavaxAdvice() {}

  /** The first two arguments are the request and the response. */
  static final class Enter {
    private Enter() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static Object enter(
        @Advice.Argument(0) ServletRequest request, @Advice.Argument(1) ServletResponse response) {
      // Tomcat's connector covers every request of Tomcat; a wrapped one has the attribute.
      if (!(request instanceof HttpServletRequest)
          || request.getClass().getName().startsWith("org.apache.catalina.")) {
        return null;
      }
      ClassLoader application = Thread.currentThread().getContextClassLoader();
      Object state = request.getAttribute("hdrlog.exchange");
      if (state != null) {
        return Tap.servletResume(state, application) ? state : null;
      }
      state = Tap.servletOpen(request, application);
      if (state == null) {
        return null;
      }
      request.setAttribute("hdrlog.exchange", state);
      HttpServletRequest http = (HttpServletRequest) request;
      Tap.servletSecure(state, http.isSecure());
      Tap.servletRequest(
          state, http.getMethod(), http.getRequestURI(), http.getQueryString(), http.getProtocol());
      Enumeration<String> names = http.getHeaderNames();
      while (names != null && names.hasMoreElements()) {
        String name = names.nextElement();
        Enumeration<String> values = http.getHeaders(name);
        while (values.hasMoreElements()) {
          Tap.servletRequestHeader(state, name, values.nextElement());
        }
      }
      Tap.servletRequestHeader(state, null, null);
      request.setAttribute("hdrlog.request_id", Tap.servletRequestId(state));
      String echo = Tap.requestIdHeader();
      if (echo != null && response instanceof HttpServletResponse) {
        HttpServletResponse answer = (HttpServletResponse) response;
        if (!answer.containsHeader(echo)) {
          answer.setHeader(echo, Tap.servletRequestId(state));
        }
      }
      return state;
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(
        @Advice.Enter Object state,
        @Advice.Thrown Throwable failure,
        @Advice.Argument(0) ServletRequest request,
        @Advice.Argument(1) ServletResponse response) {
      if (state != null) {
        Tap.servletLeave(state, failure);
        Object route =
            request.getAttribute(
                "org.springframework.web.servlet.HandlerMapping.bestMatchingPattern");
        if (failure == null && request.isAsyncStarted()) {
          Object listener = Tap.servletListener(state, response, AsyncListener.class);
          if (listener != null) {
            request.getAsyncContext().addListener((AsyncListener) listener);
          }
        }
        Tap.servletEnd(state, response, route instanceof String ? (String) route : null);
      }
    }
  }
}
