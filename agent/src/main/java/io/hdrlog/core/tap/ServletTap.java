package io.hdrlog.core.tap;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.exchange.Timing;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.health.LossReason;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What the Servlet API tells in containers that are not instrumented themselves, made into
 * exchanges. There are no bytes, so heads are written as they would have looked.
 */
final class ServletTap {
  private static final int INTERNAL_SERVER_ERROR = 500;

  private static final byte[] EXPECT = "\nexpect:".getBytes(StandardCharsets.US_ASCII);

  private final Publisher publisher;
  private final Counters counters;
  private final RequestIds ids;
  private final ServletResponses responses = new ServletResponses();
  private final ExchangePool pool = new ExchangePool();
  private final ContainerEnds containers;

  ServletTap(Publisher publisher, Counters counters, RequestIds ids, boolean tls) {
    this.publisher = publisher;
    this.counters = counters;
    this.ids = ids;
    containers = new ContainerEnds(tls);
  }

  void distrustUndertow() {
    containers.distrustUndertow();
  }

  ServletState open(Object request, ClassLoader application) {
    Exchange x = pool.take();
    x.clear();
    x.entry = Exchange.Entry.SERVLET;
    x.sources = Exchange.FROM_JVM;
    x.seenNs = System.nanoTime();
    x.headNs = x.seenNs;
    x.enterNs = x.seenNs;
    x.idRandom = ThreadLocalRandom.current().nextLong();
    Ends ends = new Ends();
    containers.read(request, ends);
    ends.copyTo(x);
    ServletState s = new ServletState(x);
    s.stream = containers.stream(request);
    s.mdc = ids.mdc(application);
    return s;
  }

  static void ends(ServletState s, String remote, int remotePort, String local, int localPort) {
    Ends ends = new Ends();
    ends.literals(remote, remotePort, local, localPort);
    ends.copyTo(s.exchange);
  }

  /** Only where the socket itself is not known: a container may take this from a header. */
  static void secure(ServletState s, boolean secure) {
    if (!s.exchange.addressed) {
      s.exchange.secure |= secure;
    }
  }

  static void refused(ServletState s) {
    s.exchange.outcome = Outcome.REJECTED;
    s.exchange.enterNs = Timing.ABSENT;
  }

  static void failed(ServletState s, Throwable failure, Throwable transport) {
    if (s.ended.get()) {
      return;
    }
    if (failure != null) {
      failed(s, failure);
    }
    Outcome outcome = Failures.ofTransport(transport);
    if (outcome != null && s.exchange.outcome == Outcome.COMPLETE) {
      s.exchange.outcome = outcome;
      if (s.exchange.errorType == null) {
        s.exchange.errorType = Failures.type(transport);
      }
    }
  }

  static void request(ServletState s, String method, String path, String query, String protocol) {
    Exchange x = s.exchange;
    request(x, method);
    request(x, " ");
    request(x, path);
    if (query != null) {
      request(x, "?");
      request(x, query);
    }
    request(x, " ");
    request(x, protocol);
    request(x, "\r\n");
    if (protocol.startsWith("HTTP/2")) {
      x.protocolVersion = "2";
      x.connectionStream = s.stream;
    }
  }

  void header(ServletState s, String name, String value) {
    Exchange x = s.exchange;
    if (name != null) {
      if (!isSameObject(name, s.name)) {
        s.name = name;
        s.told = Heads.names(name, x.requestHead, x.requestHeadLength);
      }
      if (s.told) {
        return;
      }
      request(x, name);
      request(x, ": ");
      request(x, value);
      request(x, "\r\n");
      return;
    }
    s.name = null;
    request(x, "\r\n");
    // Now, since it may be asked for when the exchange is in other hands already.
    String id = requestId(s);
    if (s.mdc != null) {
      s.mdcBefore = ids.enter(s.mdc, id);
    }
  }

  /** All values of one name come with the very name that the container gave. */
  @SuppressWarnings("ReferenceEquality") // an equal one may be the next, of a container's two
  private static boolean isSameObject(String a, String b) {
    return a == b;
  }

  private static void request(Exchange x, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    x.appendRequestHead(bytes, 0, bytes.length);
  }

  private static void response(Exchange x, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    x.appendResponseHead(bytes, 0, bytes.length);
  }

  String requestId(ServletState s) {
    if (s.requestId == null) {
      s.requestId = ids.of(s.exchange);
    }
    return s.requestId;
  }

  boolean resume(ServletState s) {
    if (s.inside || s.ended.get()) {
      return false;
    }
    s.inside = true;
    if (s.mdc != null) {
      s.mdcBefore = ids.enter(s.mdc, requestId(s));
    }
    return true;
  }

  void leave(ServletState s, Throwable failure) {
    if (!s.inside) {
      return;
    }
    s.inside = false;
    if (s.mdc != null) {
      ids.leave(s.mdc, s.mdcBefore);
    }
    if (failure != null) {
      failed(s, failure);
    }
  }

  private static void failed(ServletState s, Throwable failure) {
    s.failed = true;
    if (s.exchange.errorType == null) {
      s.exchange.errorType = Failures.type(Failures.cause(failure));
    }
  }

  Object listener(ServletState s, Object response, Class<?> type) {
    if (s.listening || s.ended.get()) {
      return null;
    }
    s.listening = true;
    return Proxy.newProxyInstance(
        type.getClassLoader(), new Class<?>[] {type}, new Listener(s, response, type));
  }

  /** Implements {@code AsyncListener}. */
  private final class Listener implements InvocationHandler {
    private final ServletState state;
    private final Object response;
    private final Class<?> type;

    Listener(ServletState state, Object response, Class<?> type) {
      this.state = state;
      this.response = response;
      this.type = type;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // equals() of a proxy would end up here again
    public Object invoke(Object proxy, Method method, Object[] arguments) {
      return switch (method.getName()) {
        case "equals" -> proxy == arguments[0];
        case "hashCode" -> System.identityHashCode(proxy);
        case "toString" -> "hdrlog";
        default -> {
          try {
            event(proxy, method.getName(), arguments[0]);
          } catch (ReflectiveOperationException | RuntimeException e) {
            counters.lost(LossReason.TAP_FAILED);
          }
          yield null;
        }
      };
    }

    private void event(Object proxy, String name, Object event)
        throws ReflectiveOperationException {
      switch (name) {
        case "onComplete" -> end(state, response, null);
        case "onTimeout" -> state.asyncTimedOut = true;
        case "onError" -> {
          if (call(event, "getThrowable") instanceof Throwable t) {
            failed(state, t);
          }
        }
        default -> {
          // Started again: a container forgets the listeners of the cycle before.
          Object context = call(event, "getAsyncContext");
          typeOf("AsyncContext").getMethod("addListener", type).invoke(context, proxy);
        }
      }
    }

    private Object call(Object event, String method) throws ReflectiveOperationException {
      return typeOf("AsyncEvent").getMethod(method).invoke(event);
    }

    private Class<?> typeOf(String simpleName) throws ClassNotFoundException {
      String name = type.getPackageName() + "." + simpleName;
      return Class.forName(name, false, type.getClassLoader());
    }
  }

  /** The end, once; while a listener waits, only it may end the exchange. */
  void finish(ServletState s, Object response, String route) {
    if (s.exchange.route == null) {
      s.exchange.route = route;
    }
    if (!s.listening) {
      end(s, response, route);
    }
  }

  private void end(ServletState s, Object response, String route) {
    if (!s.ended.compareAndSet(false, true)) {
      return;
    }
    Exchange x = s.exchange;
    if (x.route == null) {
      x.route = route;
    }
    x.endNs = System.nanoTime();
    x.exitNs = x.enterNs == Timing.ABSENT ? Timing.ABSENT : x.endNs;
    try {
      write(s, x, response);
    } catch (Throwable t) {
      // The record goes out without its response rather than not at all.
      counters.lost(LossReason.TAP_FAILED);
      x.responseHeadLength = 0;
    }
    publisher.publish(x);
    pool.give(x);
  }

  private void write(ServletState s, Exchange x, Object response) throws Throwable {
    int status = responses.status(response);
    if (s.failed && status < INTERNAL_SERVER_ERROR) {
      // The container turns the exception into an answer only after the outermost filter.
      status = INTERNAL_SERVER_ERROR;
    }
    if (status == 101 && x.outcome == Outcome.COMPLETE) {
      x.outcome = Outcome.UPGRADED;
    }
    if (s.asyncTimedOut && status >= INTERNAL_SERVER_ERROR && x.errorType == null) {
      x.errorType = Failures.ASYNC_TIMEOUT;
    }
    response(x, "HTTP/1.1 " + status + " \r\n");
    for (Object name : responses.names(response)) {
      if (((String) name).startsWith(":")) {
        // HTTP/2's own, which is no header.
        continue;
      }
      if (Heads.names((String) name, x.responseHead, x.responseHeadLength)) {
        continue;
      }
      for (Object value : responses.values(response, (String) name)) {
        response(x, name + ": " + value + "\r\n");
      }
    }
    response(x, "\r\n");
    // The first byte sent after the request came is the response's, unless it was asked whether
    // to go on.
    x.responseNs = Heads.has(EXPECT, x.requestHead, x.requestHeadLength) ? Timing.ABSENT : x.seenNs;
  }
}
