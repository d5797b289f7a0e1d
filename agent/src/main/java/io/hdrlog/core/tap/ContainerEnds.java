package io.hdrlog.core.tap;

import io.hdrlog.core.exchange.Exchange;
import java.net.SocketAddress;
import java.nio.channels.Channel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;

/**
 * The ends of the socket that a request of the Servlet API came by. {@code getRemoteAddr()} cannot
 * be asked: containers let forwarding headers decide it. Jetty and Undertow are asked for the
 * connection itself; in any other container the ends stay unknown, which is less than wrong.
 */
final class ContainerEnds {
  /** Wrappers around wrappers, and endpoints on endpoints; real ones are a few deep. */
  private static final int DEPTH_MAX = 16;

  /** Of 2^31. */
  private static final int STREAM_DIGITS = 10;

  private enum Kind {
    JETTY,
    JETTY_CORE,
    UNDERTOW,
    TOMCAT,
    WRAPPER,
    UNKNOWN
  }

  private final boolean tls;
  private volatile boolean distrustUndertow;

  private final Getter request = new Getter("getRequest");
  private final Getter httpChannel = new Getter("getHttpChannel");
  private final Getter connectionMetaData = new Getter("getConnectionMetaData");
  private final Getter connection = new Getter("getConnection");
  private final Getter endPoint = new Getter("getEndPoint");
  private final Getter transport = new Getter("getTransport");
  private final Getter sslConnection = new Getter("getSslConnection");
  private final Getter sslEngine = new Getter("getSSLEngine");
  private final Getter exchange = new Getter("getExchange");
  private final Getter peerAddress = new Getter("getPeerAddress");
  private final Getter localAddress = new Getter("getLocalAddress");
  private final Getter sslSession = new Getter("getSslSession");
  private final Getter protocolRequestId = new Getter("getProtocolRequestId");

  private final ClassValue<Kind> kinds =
      new ClassValue<>() {
        @Override
        protected Kind computeValue(Class<?> type) {
          for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            Kind kind = kind(c.getName());
            if (kind != Kind.UNKNOWN) {
              return kind;
            }
          }
          return Kind.UNKNOWN;
        }
      };

  /**
   * @param tls whether the session's details are wanted
   */
  ContainerEnds(boolean tls) {
    this.tls = tls;
  }

  /** A PROXY header may stand for what Undertow says of its connections. */
  void distrustUndertow() {
    distrustUndertow = true;
  }

  private static Kind kind(String className) {
    if (className.equals("io.undertow.servlet.spec.HttpServletRequestImpl")) {
      return Kind.UNDERTOW;
    }
    if (className.equals("org.apache.catalina.connector.Request")) {
      return Kind.TOMCAT;
    }
    if (className.endsWith(".servlet.ServletRequestWrapper")) {
      return Kind.WRAPPER;
    }
    if (!className.startsWith("org.eclipse.jetty.")) {
      return Kind.UNKNOWN;
    }
    // 9.4 to 11, and what 12 has for the older packages; then 12 for the newer ones.
    if (className.endsWith(".server.Request") || className.endsWith(".nested.Request")) {
      return Kind.JETTY;
    }
    return className.endsWith(".servlet.ServletApiRequest") ? Kind.JETTY_CORE : Kind.UNKNOWN;
  }

  /** Fills in what is known for sure. */
  void read(Object servletRequest, Ends ends) {
    try {
      Object asked = unwrapped(servletRequest);
      if (asked != null) {
        read(kinds.get(asked.getClass()), asked, ends);
      }
    } catch (Throwable t) {
      // Closed, or not as known: the exchange is written without its ends.
      ends.forget();
    }
  }

  /** The container's own request; null if there is none that can be found. */
  private Object unwrapped(Object servletRequest) throws Throwable {
    Object asked = servletRequest;
    for (int i = 0; i < DEPTH_MAX && asked != null; i++) {
      if (kinds.get(asked.getClass()) != Kind.WRAPPER) {
        return asked;
      }
      asked = request.of(asked);
    }
    return null;
  }

  /**
   * The stream of HTTP/2 that a request came by, of containers with Servlet 6 that are known to
   * mean that by {@code getProtocolRequestId()}; else unknown.
   */
  long stream(Object servletRequest) {
    try {
      Object asked = unwrapped(servletRequest);
      if (asked == null) {
        return Exchange.UNKNOWN;
      }
      return switch (kinds.get(asked.getClass())) {
        // Undertow names the connection's newest stream, whichever that is by now.
        case JETTY_CORE, TOMCAT -> number(protocolRequestId.of(asked));
        default -> Exchange.UNKNOWN;
      };
    } catch (Throwable t) {
      return Exchange.UNKNOWN;
    }
  }

  /** None but a stream's number; HTTP/1 has an empty text there. */
  private static long number(Object text) {
    if (!(text instanceof String digits) || digits.isEmpty() || digits.length() > STREAM_DIGITS) {
      return Exchange.UNKNOWN;
    }
    long number = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return Exchange.UNKNOWN;
      }
      number = number * 10 + digit;
    }
    // What clients open is odd; anything else is not what it is taken for.
    return (number & 1) == 1 ? number : Exchange.UNKNOWN;
  }

  private void read(Kind kind, Object asked, Ends ends) throws Throwable {
    switch (kind) {
      case JETTY -> jetty(endPoint.of(httpChannel.of(asked)), ends);
      case JETTY_CORE ->
          jetty(endPoint.of(connection.of(connectionMetaData.of(request.of(asked)))), ends);
      case UNDERTOW -> undertow(connection.of(exchange.of(asked)), ends);
      default -> {
        // Nobody to ask.
      }
    }
  }

  /** Below all endpoints, that for a PROXY header included, is the channel itself. */
  private void jetty(Object innermost, Ends ends) throws Throwable {
    Object at = innermost;
    for (int i = 0; i < DEPTH_MAX && at != null; i++) {
      if (at instanceof Channel channel) {
        ends.channel(channel);
        return;
      }
      Object ssl = sslConnection.of(at);
      if (ssl != null) {
        session(((SSLEngine) sslEngine.of(ssl)).getSession(), ends);
      }
      at = transport.of(at);
    }
  }

  private void undertow(Object serverConnection, Ends ends) throws Throwable {
    if (sslSession.of(serverConnection) instanceof SSLSession session) {
      session(session, ends);
    }
    if (!distrustUndertow
        && peerAddress.of(serverConnection) instanceof SocketAddress peer
        && localAddress.of(serverConnection) instanceof SocketAddress local) {
      ends.sockets(peer, local);
    }
  }

  private void session(SSLSession session, Ends ends) {
    ends.tls(tls ? session : null);
  }
}
