package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.TlsClient;
import io.hdrlog.it.harness.Variant;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The headers in the record are those on the wire, whatever server and whatever TLS. */
class WireHeadersIT {
  /** Of each of the servers that issue 5 names; the others get a fifth of it. */
  private static final int REQUESTS = Integer.getInteger("hdrlog.it.wire.requests", 5_000);

  private static final int HEAD_BYTES = 128 * 1024;

  /** A server with its TLS. */
  enum Server {
    JDK_HTTPS(Variant.JDK, "jsse", "jsse", false, true),
    TOMCAT_JSSE(Variant.TOMCAT_11, "jsse", "jsse", true, true),
    TOMCAT_OPENSSL_FFM(Variant.TOMCAT_10_OPENSSL, "panama", "openssl", true, true),
    TOMCAT_OPENSSL_TCNATIVE(Variant.TOMCAT_10_OPENSSL, "tcnative", "openssl", true, true),
    NETTY_JDK(Variant.NETTY_42, "jdk", "jsse", true, true),
    NETTY_TCNATIVE(Variant.NETTY_42, "boringssl", "boringssl", true, true),
    JETTY_CONSCRYPT(Variant.JETTY_12, "conscrypt", "conscrypt", false, true),
    JDK_HTTP(Variant.JDK, "", null, false, true),
    BLOCKING(Variant.BLOCKING, "", null, false, false),
    BLOCKING_TLS(Variant.BLOCKING, "jsse", "jsse", false, false),
    TOMCAT_CLEARTEXT(Variant.TOMCAT_11, "", null, true, false),
    TOMCAT_BOUNCYCASTLE(Variant.TOMCAT_11, "bouncycastle", "jsse", true, false),
    NETTY_CLEARTEXT(Variant.NETTY_42, "", null, true, false),
    JETTY_JSSE(Variant.JETTY_12, "jsse", "jsse", false, false),
    JETTY_SERVLET_CONSCRYPT(Variant.JETTY_12, "conscrypt", "conscrypt", true, false),
    UNDERTOW_TLS(Variant.UNDERTOW, "jsse", "jsse", true, false),
    ASYNCHRONOUS(Variant.ASYNCHRONOUS, "", null, false, false),
    ASYNCHRONOUS_TLS(Variant.ASYNCHRONOUS, "jsse", "jsse", false, false),
    /** Two buffers for each read and each write. */
    ASYNCHRONOUS_MANY(Variant.ASYNCHRONOUS, "", null, false, false),
    TOMCAT_NIO2(Variant.TOMCAT_11, "", null, true, false),
    TOMCAT_NIO2_JSSE(Variant.TOMCAT_11, "jsse", "jsse", true, false);

    private final Variant variant;
    private final String tls;
    private final String provider;
    private final boolean instrumented;
    private final boolean named;

    Server(Variant variant, String tls, String provider, boolean instrumented, boolean named) {
      this.variant = variant;
      this.tls = tls;
      this.provider = provider;
      this.instrumented = instrumented;
      this.named = named;
    }

    Service.Builder builder() {
      Service.Builder builder =
          Service.on(variant)
              // Random bytes now and then look like a secret.
              .option("mask.headers", "no-such-header")
              .option("mask.query", "no-such-parameter")
              .option("mask.values", "false")
              .with("head", HEAD_BYTES);
      if (!tls.isEmpty()) {
        builder.with("tls", tls).with("keystore", TlsClient.keystore());
      }
      builder.with("nio2", name().contains("NIO2")).with("many", name().endsWith("MANY"));
      if (variant == Variant.JETTY_12) {
        builder.with("handler", instrumented ? "servlet" : "core");
      }
      switch (tls) {
        case "conscrypt" -> builder.libraries("conscrypt");
        case "bouncycastle" -> builder.libraries("bouncycastle");
        case "boringssl" -> builder.libraries("netty-boringssl");
        case "panama" -> builder.jvm("--enable-native-access=ALL-UNNAMED");
        case "tcnative" -> builder.jvm("-Djava.library.path=" + DEBIAN_LIBRARIES);
        default -> {
          // On the class path of the server.
        }
      }
      return builder;
    }

    boolean secure() {
      return provider != null;
    }

    int requests() {
      return named ? REQUESTS : REQUESTS / 5;
    }

    WireLoad load(Service service, TlsClient client) {
      WireLoad load = secure() ? WireLoad.on(service, client) : WireLoad.on(service);
      // Undertow's parser makes one blank of every run of blanks and tabs.
      return variant == Variant.UNDERTOW
          ? load.shownAs(value -> value.replaceAll("[ \t]+", " "))
          : load;
    }

    Set<String> sources(boolean always) {
      Set<String> sources = new HashSet<>();
      if (always || !instrumented || variant == Variant.JETTY_12 || variant == Variant.UNDERTOW) {
        sources.add("wire");
      }
      if (instrumented) {
        sources.add("jvm");
      }
      if (Expect.kernel()) {
        sources.add("kernel");
      }
      return sources;
    }
  }

  private static final Path DEBIAN_LIBRARIES =
      Path.of(
          "/usr/lib/" + System.getProperty("os.arch").replace("amd64", "x86_64") + "-linux-gnu");

  @ParameterizedTest
  @EnumSource
  void every_request_has_one_record_with_the_headers_of_the_wire(Server server) {
    try (Service service = server.builder().option("wire", "always").start()) {
      WireLoad load = server.load(service, TlsClient.of("TLSv1.3"));
      List<LogRecord> records =
          load.send(server.requests()).cutEverywhere().mustBeLogged(server.sources(true));
      for (LogRecord record : records) {
        mustNameTls(server, record, "TLSv1.3");
      }
      mustHaveLostNothing(service);
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.MATCH_NONE,
      names = {".*CLEARTEXT", "JDK_HTTP", "BLOCKING", "ASYNCHRONOUS(_MANY)?", "TOMCAT_NIO2"})
  void tls_1_2_resumed_sessions_and_clients_with_certificates_as_well(Server server) {
    try (Service service =
        server.builder().option("wire", "always").with("clients", true).start()) {
      TlsClient old = TlsClient.of("TLSv1.2");
      server.load(service, old).send(40).mustBeLogged(server.sources(true));
      for (LogRecord record : service.records().now()) {
        mustNameTls(server, record, "TLSv1.2");
      }
    }
    try (Service service = server.builder().option("wire", "always").start()) {
      TlsClient current = TlsClient.of("TLSv1.3");
      for (int i = 0; i < 4; i++) {
        try (var client = io.hdrlog.it.harness.RawClient.connect(service.port(), current)) {
          client.ask(Request.get("/hello").id("resumed-" + i));
          client.ask(Request.get("/hello").id("again-" + i));
        }
      }
      List<LogRecord> records = service.records().await(8);
      assertThat(records).hasSize(8);
      for (LogRecord record : records) {
        mustNameTls(server, record, "TLSv1.3");
        assertThat(record.sources()).containsExactlyInAnyOrderElementsOf(server.sources(true));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void without_being_told_to_as_well(Server server) {
    try (Service service = server.builder().start()) {
      WireLoad load = server.load(service, TlsClient.of("TLSv1.3")).send(100);
      load.mustBeLogged(server.sources(false));
      mustHaveLostNothing(service);
    }
  }

  private static void mustNameTls(Server server, LogRecord record, String version) {
    if (!server.secure()) {
      assertThat(record.has("tls")).as("tls of %s", record).isFalse();
      return;
    }
    assertThat(record.text("tls.protocol.version")).as("of %s", record).isEqualTo(version);
    assertThat(record.text("tls.provider")).as("of %s", record).isEqualTo(server.provider);
    // Bouncy Castle's session tells of a name only where its server has rules for names, OpenSSL's
    // never.
    if (server != Server.TOMCAT_BOUNCYCASTLE && !server.provider.equals("openssl")) {
      assertThat(record.text("tls.client.server_name"))
          .as("of %s", record)
          .isEqualTo(TlsClient.SERVER_NAME);
    }
  }

  private static void mustHaveLostNothing(Service service) {
    assertThat(
            Stream.of(service.agentLog().split("\n"))
                .filter(line -> line.contains("lost reason="))
                .filter(line -> !line.contains("reason=kernel_late")))
        .isEmpty();
  }
}
