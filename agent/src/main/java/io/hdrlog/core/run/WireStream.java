package io.hdrlog.core.run;

import io.hdrlog.core.config.Config;
import io.hdrlog.core.health.AgentLog;
import io.hdrlog.core.instrument.Instrumenter;
import io.hdrlog.core.instrument.jdk.JdkRecipes;
import io.hdrlog.core.instrument.jdk.JdkSocketEnds;
import io.hdrlog.core.merge.WireView;
import io.hdrlog.core.ring.WireRing;
import io.hdrlog.core.tap.TapSink;
import io.hdrlog.core.tap.WireChannel;
import java.lang.instrument.Instrumentation;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The stream of plaintext: whether it is wanted, and since when it flows. Nothing is woven and no
 * memory taken for it before there is a connection that it is wanted for.
 *
 * <p>With {@code wire=auto} that is when the first listening socket is opened by something that is
 * not one of the connectors which tell all by themselves, or when a class is met that is known to
 * serve HTTP past them, or when the kernel shows a connection that nobody told of.
 */
public final class WireStream implements WireView {
  /** A start may take so much longer, once. */
  private static final long CHANGE_MS_MAX = 1_000;

  private final Config.Wire mode;
  private final long bufferBytes;
  private final Instrumentation instrumentation;
  private final TapSink sink;
  private final AgentLog log;
  private volatile boolean connectorSeen;
  private volatile boolean serverSocket;
  private volatile boolean socketImpl;
  private volatile boolean nettyListens;
  private volatile boolean nettyHttp2;
  private volatile WireRing ring;
  private boolean failed;
  private volatile Instrumenter instrumenter;
  private String waiting;

  public WireStream(Config config, Instrumentation instrumentation, TapSink sink, AgentLog log) {
    this.mode = config.wire();
    this.bufferBytes = config.ringBytes();
    this.instrumentation = instrumentation;
    this.sink = sink;
    this.log = log;
  }

  /** The classes by which a connector shows that tells of its connections by itself. */
  private static final Set<String> CONNECTORS =
      Set.of("org/apache/tomcat/util/net/AbstractEndpoint", "io/netty/channel/AbstractChannel");

  /** Those by which anything shows that listens. */
  private static final Set<String> LISTENERS =
      Set.of(
          "sun/nio/ch/ServerSocketChannelImpl",
          "sun/nio/ch/UnixAsynchronousServerSocketChannelImpl");

  /** Each may be there without the other: a verifier loads the one, a client the other. */
  private static final String SERVER_SOCKET = "java/net/ServerSocket";

  private static final String SOCKET_IMPL = "sun/nio/ch/NioSocketImpl";

  /** Those that serve HTTP past all connectors, and what to call them. */
  private static final Map<String, String> SERVERS =
      Map.of(
          "sun/net/httpserver/ServerImpl", "jdk.httpserver",
          "io/grpc/netty/NettyServer", "grpc",
          "org/eclipse/jetty/server/Server", "jetty",
          "io/undertow/Undertow", "undertow");

  /** A Netty that listens has one, on any transport; one that is but a client has not. */
  private static final String NETTY_LISTENER = "io/netty/channel/socket/ServerSocketChannelConfig";

  private static final String NETTY = "netty http/2";

  /** What ALPN is to offer: made with the SslContext. */
  private static final String NETTY_ALPN = "io/netty/handler/ssl/ApplicationProtocolConfig";

  /**
   * By these Netty may serve HTTP/2. The handler itself is often not loaded before a connection has
   * sent its first bytes, and those are missed then; the others are loaded before.
   */
  private static final Set<String> NETTY_HTTP2 =
      Set.of(
          "io/netty/handler/codec/http2/Http2ConnectionHandler",
          "io/netty/handler/codec/http2/CleartextHttp2ServerUpgradeHandler",
          NETTY_ALPN,
          // Loads none of these before it accepts, and of itself takes HTTP/2 in cleartext.
          "io/vertx/core/http/HttpServer");

  /** All of these, by their internal names. */
  public static Set<String> sighted() {
    Set<String> all = new HashSet<>(SERVERS.keySet());
    all.addAll(CONNECTORS);
    all.addAll(LISTENERS);
    all.addAll(NETTY_HTTP2);
    all.add(NETTY_LISTENER);
    all.add(SERVER_SOCKET);
    all.add(SOCKET_IMPL);
    return all;
  }

  /** What to do when classes are met, by their internal names. */
  public Map<String, Consumer<String>> sightings() {
    Map<String, Consumer<String>> sightings = new HashMap<>();
    if (mode == Config.Wire.AUTO) {
      Consumer<String> sight = this::sight;
      for (String className : sighted()) {
        sightings.put(className, sight);
      }
    }
    return sightings;
  }

  private void sight(String className) {
    if (className.equals(SERVER_SOCKET)) {
      serverSocket = true;
    } else if (className.equals(SOCKET_IMPL)) {
      socketImpl = true;
    } else if (className.equals(NETTY_LISTENER)) {
      nettyListens = true;
    } else if (NETTY_HTTP2.contains(className)) {
      nettyHttp2 = true;
    }
    if (CONNECTORS.contains(className)) {
      connectorSeen = true;
    } else if (SERVERS.containsKey(className)) {
      watch(SERVERS.get(className));
    } else if (nettyListens && nettyHttp2) {
      if (className.equals(NETTY_ALPN)) {
        // It listens already: this is a client's, as a rule, and an event loop must not wait.
        begin(NETTY);
      } else {
        watch(NETTY);
      }
    } else if (LISTENERS.contains(className) || (serverSocket && socketImpl)) {
      listening();
    }
  }

  private void listening() {
    if (!connectorSeen) {
      watch("a listening socket");
    }
  }

  /** From here on classes can be changed. */
  public void through(Instrumenter changer) {
    String reason;
    synchronized (this) {
      instrumenter = changer;
      reason = mode == Config.Wire.ALWAYS ? "wire=always" : waiting;
    }
    if (reason != null) {
      watch(reason);
    }
  }

  /** Watches the connections from now on; does nothing if that is so already, or not wanted. */
  public void watch(String reason) {
    Thread changing = begin(reason);
    if (changing == null) {
      return;
    }
    try {
      // Whoever is about to listen waits for it: its first connection is to be seen from its start.
      changing.join(CHANGE_MS_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Null if there is nothing to begin, else the thread that changes the classes loaded already. */
  private synchronized Thread begin(String reason) {
    if (mode == Config.Wire.OFF || ring != null || failed) {
      return null;
    }
    if (instrumenter == null) {
      waiting = reason;
      return null;
    }
    try {
      WireRing made = new WireRing(bufferBytes);
      sink.watchWire(made, JdkSocketEnds.open(instrumentation));
      ring = made;
      log.info("wire stream on: " + reason);
      return instrumenter.add(JdkRecipes::addTo);
    } catch (RuntimeException | LinkageError e) {
      failed = true;
      log.error("wire stream unavailable, the others go on without it: " + e);
      return null;
    }
  }

  @Override
  public void unclaimed() {
    if (ring == null && mode == Config.Wire.AUTO) {
      begin("connections that nothing tells of");
    }
  }

  /** Null as long as nothing is watched. */
  WireRing ring() {
    return ring;
  }

  void eachConnection(Consumer<WireChannel> to) {
    if (ring != null) {
      sink.eachWireConnection(to);
    }
  }

  @Override
  public boolean isOn() {
    return ring != null;
  }

  @Override
  public boolean isAlways() {
    return mode == Config.Wire.ALWAYS;
  }

  @Override
  public boolean isJvmExpected() {
    return instrumenter != null && instrumenter.servesRequests();
  }
}
