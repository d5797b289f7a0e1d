package io.hdrlog.premain;

import java.util.Collections;
import java.util.HashSet;
import java.util.Set;

/**
 * The classes that the agent changes, or learns something from, by name. Here and not only in the
 * recipes, because it is asked before these are loaded; a test holds the two against each other.
 * Classes of the JDK do not stand here: they are changed after they were loaded.
 */
final class MetNames {
  private static final Set<String> CHANGED =
      setOf(
          "io/netty/channel/AbstractChannelHandlerContext",
          "io/netty/channel/DefaultChannelPipeline",
          "io/netty/channel/DefaultChannelPipeline$HeadContext",
          "io/netty/handler/codec/ByteToMessageDecoder",
          "io/netty/handler/codec/http/HttpObjectDecoder",
          "io/netty/handler/codec/http/HttpObjectEncoder",
          "io/netty/handler/timeout/ReadTimeoutHandler",
          "io/undertow/server/protocol/proxy/ProxyProtocolReadListener",
          "jakarta/servlet/http/HttpServlet",
          "javax/servlet/http/HttpServlet",
          "org/apache/catalina/connector/CoyoteAdapter",
          "org/apache/catalina/connector/Request",
          "org/apache/catalina/connector/Response",
          "org/apache/coyote/AbstractProcessor",
          "org/apache/coyote/AsyncStateMachine",
          "org/apache/coyote/http11/Http11InputBuffer",
          "org/apache/coyote/http11/Http11OutputBuffer",
          "org/apache/coyote/http11/Http11Processor",
          "org/apache/tomcat/util/net/SocketWrapperBase");

  /** By these a server is about to listen whose plaintext may be wanted from its first byte. */
  private static final Set<String> LISTENING =
      setOf(
          "java/net/ServerSocket",
          "sun/net/httpserver/ServerImpl",
          "sun/nio/ch/NioSocketImpl",
          "sun/nio/ch/ServerSocketChannelImpl",
          "sun/nio/ch/UnixAsynchronousServerSocketChannelImpl");

  private static final Set<String> SEEN =
      setOf(
          "io/grpc/netty/NettyServer",
          "io/netty/channel/AbstractChannel",
          "io/netty/channel/socket/ServerSocketChannelConfig",
          "io/netty/handler/codec/http2/CleartextHttp2ServerUpgradeHandler",
          "io/netty/handler/codec/http2/Http2ConnectionHandler",
          "io/netty/handler/ssl/ApplicationProtocolConfig",
          "io/undertow/Undertow",
          "io/vertx/core/http/HttpServer",
          "org/apache/tomcat/util/net/AbstractEndpoint",
          "org/eclipse/jetty/server/Server",
          "io/netty/handler/codec/haproxy/HAProxyMessageDecoder",
          "jakarta/servlet/Filter",
          "jakarta/servlet/Servlet",
          "javax/servlet/Filter",
          "javax/servlet/Servlet",
          "org/springframework/web/servlet/DispatcherServlet");

  /** Those of libraries that others carry along, under their own names behind a prefix. */
  private static final String[] CHANGED_CARRIED = carried(CHANGED);

  private static final String[] SEEN_CARRIED = carried(SEEN);

  private MetNames() {}

  /** Whether the class must not be loaded before the agent has started. */
  static boolean isAwaited(String internalName) {
    return CHANGED.contains(internalName)
        || LISTENING.contains(internalName)
        || isCarried(internalName, CHANGED_CARRIED);
  }

  static boolean isSeen(String internalName) {
    return SEEN.contains(internalName) || isCarried(internalName, SEEN_CARRIED);
  }

  private static String[] carried(Set<String> names) {
    Set<String> carried = new HashSet<>();
    for (String name : names) {
      if (name.startsWith("io/netty/") || name.startsWith("io/grpc/")) {
        carried.add(name);
      }
    }
    return carried.toArray(new String[0]);
  }

  private static boolean isCarried(String internalName, String[] names) {
    for (String name : names) {
      int prefix = internalName.length() - name.length();
      if (prefix > 0 && internalName.charAt(prefix - 1) == '/' && internalName.endsWith(name)) {
        return true;
      }
    }
    return false;
  }

  /** Such classes must not wait, but for those above: the agent's own start needs them. */
  static boolean isOfTheJdk(String internalName) {
    return internalName.startsWith("java/")
        || internalName.startsWith("sun/")
        || internalName.startsWith("jdk/")
        || internalName.startsWith("com/sun/");
  }

  static Set<String> changed() {
    return CHANGED;
  }

  static Set<String> listening() {
    return LISTENING;
  }

  static Set<String> seen() {
    return SEEN;
  }

  private static Set<String> setOf(String... names) {
    Set<String> set = new HashSet<>(4 * names.length);
    Collections.addAll(set, names);
    return set;
  }
}
