package io.hdrlog.core.tap;

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

  private enum Kind {
    JETTY,
    JETTY_CORE,
    UNDERTOW,
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
    Object asked = servletRequest;
    try {
      for (int i = 0; i < DEPTH_MAX && asked != null; i++) {
        Kind kind = kinds.get(asked.getClass());
        if (kind != Kind.WRAPPER) {
          read(kind, asked, ends);
          return;
        }
        asked = request.of(asked);
      }
    } catch (Throwable t) {
      // Closed, or not as known: the exchange is written without its ends.
      ends.forget();
    }
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
