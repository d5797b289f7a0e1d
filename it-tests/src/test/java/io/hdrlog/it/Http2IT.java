package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.Machine;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.TlsClient;
import io.hdrlog.it.harness.Variant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One record for each stream of an HTTP/2 connection, by clients that are not ours. */
class Http2IT {
  private static final int STREAMS = 1_000;
  private static final int CONCURRENT = 100;

  /** A server that speaks HTTP/2, with what it is told by. */
  enum Server {
    NETTY_TLS(Variant.NETTY_42, "boringssl", false),
    NETTY_CLEARTEXT(Variant.NETTY_42, "", false),
    JETTY_TLS(Variant.JETTY_12, "jsse", true),
    JETTY_CLEARTEXT(Variant.JETTY_12, "", true),
    TOMCAT_TLS(Variant.TOMCAT_11, "jsse", true),
    TOMCAT_CLEARTEXT(Variant.TOMCAT_11, "", true);

    private final Variant variant;
    private final String tls;
    private final boolean instrumented;

    Server(Variant variant, String tls, boolean instrumented) {
      this.variant = variant;
      this.tls = tls;
      this.instrumented = instrumented;
    }

    Service start(String wire) {
      Service.Builder builder =
          Service.on(variant).option("wire", wire).with("http2", true).with("handler", "servlet");
      if (variant == Variant.NETTY_42) {
        builder.libraries("netty42-http2").libraries("netty-boringssl");
      }
      if (!tls.isEmpty()) {
        builder.with("tls", tls).with("keystore", TlsClient.keystore());
      }
      return builder.start();
    }

    String url(Service service, String path) {
      return (tls.isEmpty() ? "http" : "https") + "://127.0.0.1:" + service.port() + path;
    }

    Set<String> sources() {
      Set<String> sources = new HashSet<>(Set.of("wire"));
      if (instrumented) {
        sources.add("jvm");
      }
      if (Expect.kernel()) {
        sources.add("kernel");
      }
      return sources;
    }
  }

  @ParameterizedTest
  @EnumSource
  void h2load_with_100_streams_at_a_time_on_one_connection(Server server) {
    try (Service service = server.start("always")) {
      String printed =
          Machine.run(
              "h2load",
              "-n" + STREAMS,
              "-c1",
              "-m" + CONCURRENT,
              "-H",
              "x-dup: one",
              "-H",
              "x-dup: two",
              server.url(service, "/hello?of=h2load"));
      assertThat(printed).contains(STREAMS + " succeeded, 0 failed");
      List<LogRecord> records = mustBeStreams(service, server, STREAMS);
      for (LogRecord record : records) {
        assertThat(record.requestHeader("x-dup")).containsExactly("one", "two");
        assertThat(record.text("url.path")).isEqualTo("/hello");
        assertThat(record.number("http.response.body.size")).isEqualTo(600);
      }
    }
  }

  // Without TLS curl 7.88 fails by itself when it has a hundred on one connection.
  @ParameterizedTest
  @EnumSource(names = {"NETTY_TLS", "JETTY_TLS", "TOMCAT_TLS"})
  void curl_with_100_streams_at_a_time_each_with_a_header_of_its_own(Server server) {
    try (Service service = server.start("auto")) {
      List<String> command = new ArrayList<>(List.of("curl", "-sSk", "--parallel"));
      command.add("--parallel-max");
      command.add(Integer.toString(CONCURRENT));
      command.add(server.tls.isEmpty() ? "--http2-prior-knowledge" : "--http2");
      for (int i = 0; i < CONCURRENT; i++) {
        if (i > 0) {
          command.add("--next");
          command.add("-sSk");
          command.add(server.tls.isEmpty() ? "--http2-prior-knowledge" : "--http2");
        }
        command.addAll(List.of("-o", "/dev/null", "-H", "x-request-id: stream-" + i));
        command.addAll(List.of("-H", "x-own: value of " + i));
        command.add(server.url(service, "/hello?ms=50&n=" + i));
      }
      Machine.run(command.toArray(new String[0]));
      List<LogRecord> records = service.records().await(CONCURRENT);
      assertThat(records).hasSize(CONCURRENT);
      Set<String> ids = new HashSet<>();
      for (LogRecord record : records) {
        String id = record.text("request_id");
        assertThat(ids.add(id)).isTrue();
        String n = id.substring("stream-".length());
        assertThat(record.requestHeader("x-own")).containsExactly("value of " + n);
        assertThat(record.text("url.query")).isEqualTo("ms=50&n=" + n);
        assertThat(record.text("network.protocol.version")).isEqualTo("2");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"JETTY_CLEARTEXT", "TOMCAT_CLEARTEXT"})
  void an_upgrade_in_cleartext_is_the_first_stream(Server server) {
    try (Service service = server.start("always")) {
      assertThat(
              Machine.run(
                  "curl",
                  "-sS",
                  "--http2",
                  "-o",
                  "/dev/null",
                  "-w",
                  "%{http_version} %{http_code}",
                  server.url(service, "/hello?of=upgrade")))
          .isEqualTo("2 200");
      LogRecord record = service.records().onlyWithPath("/hello");
      assertThat(record.outcome()).isIn("complete", "upgraded");
      assertThat(record.status()).isEqualTo(200);
      assertThat(record.requestHeader("upgrade")).containsExactly("h2c");
    }
  }

  @Test
  void trailers_are_logged() {
    try (Service service = Server.NETTY_TLS.start("auto")) {
      Machine.run(
          "curl", "-sSk", "--http2", "-o", "/dev/null", Server.NETTY_TLS.url(service, "/trailers"));
      LogRecord record = service.records().onlyWithPath("/trailers");
      assertThat(record.at("http.response.trailer").path("grpc-status").path(0).asText())
          .isEqualTo("0");
      assertThat(record.at("http.response.trailer").path("grpc-message").path(0).asText())
          .isEqualTo("fine");
      assertThat(record.outcome()).isEqualTo("complete");
    }
  }

  /** curl ends the stream, and the connection with it, when its time is over. */
  @ParameterizedTest
  @EnumSource(names = {"NETTY_TLS", "NETTY_CLEARTEXT"})
  void a_client_that_gives_up_is_the_one_that_ended_it(Server server) throws Exception {
    try (Service service = server.start("auto")) {
      Process curl =
          new ProcessBuilder(
                  "curl",
                  "-sk",
                  server.tls.isEmpty() ? "--http2-prior-knowledge" : "--http2",
                  "-m",
                  "1",
                  "-o",
                  "/dev/null",
                  server.url(service, "/hello?ms=4000"))
              .start();
      curl.waitFor();
      LogRecord record = service.records().onlyWithPath("/hello");
      assertThat(record.outcome()).isEqualTo("client_reset");
      assertThat(record.has("http.response.status_code")).isFalse();
    }
  }

  private static List<LogRecord> mustBeStreams(Service service, Server server, int count) {
    List<LogRecord> records = service.records().await(count);
    Differences differ = new Differences();
    Set<Long> streams = new HashSet<>();
    Set<String> connections = new HashSet<>();
    for (LogRecord record : records) {
      differ.expect("version", record, "2", record.text("network.protocol.version"));
      differ.expect("outcome", record, "complete", record.outcome());
      differ.expect("sources", record, server.sources(), new HashSet<>(record.sources()));
      differ.expect(
          "stream of its own",
          record,
          true,
          streams.add(record.optionalNumber("connection.stream").orElse(-1L)));
      connections.add(record.text("connection.id"));
      if (Expect.kernel()) {
        for (String field : List.of("receive_ns", "queue_ns", "first_byte_ns", "send_ns")) {
          // With a hundred at a time a mark may have gone before it is asked for.
          differ.expect(
              field + " is true or absent",
              record,
              true,
              record.optionalNumber("timing." + field).orElse(0L) >= 0);
        }
      }
      differ.expect("headers.differ", record, "", record.at("headers.differ").toString());
    }
    assertThat(differ.toString()).as("of %s records", records.size()).isEmpty();
    assertThat(records).hasSize(count);
    assertThat(connections).hasSize(1);
    return records;
  }
}
