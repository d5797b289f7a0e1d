package io.hdrlog.it.harness;

/** A server that a service runs on: its class path (see pom.xml) and its main class. */
public enum Variant {
  TOMCAT_11("tomcat11", "TomcatService"),
  TOMCAT_10("tomcat10", "TomcatService"),
  /**
   * With its OpenSSL by tomcat-native, or by the foreign function interface of Java 22 and newer.
   */
  TOMCAT_10_OPENSSL("tomcat10-openssl", "TomcatService"),
  /** Spring's web framework; the class path of Tomcat 10 comes on top. */
  SPRING("spring", "SpringService"),
  NETTY_42("netty42", "NettyService"),
  NETTY_41("netty41", "NettyService"),
  /** Known by its Jakarta Servlet API alone. */
  UNDERTOW("undertow", "UndertowService"),
  /** Known by its javax Servlet API alone. */
  JETTY_10("jetty10", "JettyService"),
  JETTY_12("jetty12", "Jetty12Service"),
  /** The class path of either Netty comes on top: {@code grpc-netty-shaded}, {@code grpc-netty}. */
  GRPC("grpc", "GrpcService"),
  /** The JDK's own server; it needs no library. */
  JDK("none", "JdkHttpService"),
  /** Blocking sockets; it needs no library. */
  BLOCKING("none", "BlockingService"),
  /** NIO.2 channels; it needs no library. */
  ASYNCHRONOUS("none", "AsynchronousService");

  private final String libraries;
  private final String main;

  Variant(String libraries, String main) {
    this.libraries = libraries;
    this.main = main;
  }

  String libraries() {
    return libraries;
  }

  String main() {
    return "io.hdrlog.it.service." + main;
  }

  public boolean isTomcat() {
    return this == TOMCAT_10 || this == TOMCAT_10_OPENSSL || this == TOMCAT_11;
  }

  public boolean isNetty() {
    return this == NETTY_41 || this == NETTY_42;
  }
}
