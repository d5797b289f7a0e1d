package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.Machine;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.TlsClient;
import io.hdrlog.it.harness.Variant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One record for each stream of an HTTP/2 connection, by clients that are not ours. */
class Http2IT {
  private static final int STREAMS = 1_000;
  private static final int CONCURRENT = 100;

  /** By how much two clocks of one machine may differ. */
  private static final long CLOCKS_US = 20_000;

  private static final List<String> KERNEL_TIMES =
      List.of("receive_ns", "queue_ns", "first_byte_ns", "send_ns", "ack_ns", "total_ns");

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
  void h2load_with_100_streams_at_a_time_on_one_connection(Server server) throws IOException {
    try (Service service = server.start("always")) {
      Path requests = service.dir().resolve("h2load.log");
      String printed =
          Machine.run(
              "h2load",
              "--log-file=" + requests,
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
      if (Expect.kernel()) {
        timesMustBeTheClients(records, ClientRequest.read(requests));
      }
    }
  }

  /** What h2load noted of a request by its own clock, microseconds since the epoch. */
  private record ClientRequest(long startUs, long endUs) {
    /** In the order in which they were sent, which is that of their streams. */
    static List<ClientRequest> read(Path log) throws IOException {
      List<ClientRequest> requests = new ArrayList<>();
      Map<Long, Long> ends = new HashMap<>();
      for (String line : Files.readAllLines(log)) {
        String[] fields = line.split("\t", -1);
        long start = Long.parseLong(fields[0]);
        long end = start + Long.parseLong(fields[2]);
        requests.add(new ClientRequest(start, end));
        ends.merge(start, end, Math::max);
      }
      // Which of those of one microsecond is which stream is not known.
      requests.replaceAll(request -> new ClientRequest(request.startUs, ends.get(request.startUs)));
      requests.sort(Comparator.comparingLong(ClientRequest::startUs));
      return requests;
    }
  }

  private static void timesMustBeTheClients(List<LogRecord> records, List<ClientRequest> requests) {
    List<LogRecord> timed =
        records.stream()
            .filter(record -> KERNEL_TIMES.stream().allMatch(t -> record.has("timing." + t)))
            .toList();
    assertThat(timed.size()).as("records with all times").isGreaterThan(STREAMS * 99 / 100);
    Differences differ = new Differences();
    int late = 0;
    for (LogRecord record : timed) {
      ClientRequest request = requests.get((int) (record.number("connection.stream") / 2));
      Instant arrived = Instant.parse(record.text("timestamp"));
      long arrivedUs = ChronoUnit.MICROS.between(Instant.EPOCH, arrived);
      long receiveUs = record.number("timing.receive_ns") / 1_000;
      long firstUs = arrivedUs + receiveUs + record.number("timing.first_byte_ns") / 1_000;
      long lastUs = firstUs + record.number("timing.send_ns") / 1_000;
      differ.expect(
          "arrived after it was sent", record, true, arrivedUs > request.startUs - CLOCKS_US);
      differ.expect(
          "answered after it was read",
          record,
          true,
          record.number("timing.queue_ns") <= record.number("timing.first_byte_ns"));
      differ.expect(
          "arrived before it was answered", record, true, arrivedUs < request.endUs + CLOCKS_US);
      // Bytes are noted as accepted when the call that sends returns, which may have been put
      // aside meanwhile by the client that reads them.
      late += lastUs > request.endUs + CLOCKS_US ? 1 : 0;
    }
    assertThat(differ.toString()).isEmpty();
    assertThat(late).as("sent after the client had it").isLessThan(STREAMS / 100);
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
  @EnumSource(names = {"NETTY_CLEARTEXT", "JETTY_CLEARTEXT", "TOMCAT_CLEARTEXT"})
  void an_upgrade_in_cleartext_is_the_first_stream(Server server) {
    upgradeIsTheFirstStream(server, "always", 0);
    // Answered later than a connector's own view of the upgrade would wait for another.
    upgradeIsTheFirstStream(server, "auto", 6_000);
  }

  private static void upgradeIsTheFirstStream(Server server, String wire, int ms) {
    try (Service service = server.start(wire)) {
      assertThat(
              Machine.run(
                  "curl",
                  "-sS",
                  "--http2",
                  "-o",
                  "/dev/null",
                  "-w",
                  "%{http_version} %{http_code}",
                  server.url(service, "/hello?of=upgrade&ms=" + ms)))
          .isEqualTo("2 200");
      LogRecord record = service.records().onlyWithPath("/hello");
      assertThat(record.outcome()).isEqualTo("complete");
      assertThat(record.status()).isEqualTo(200);
      assertThat(record.number("connection.stream")).isEqualTo(1);
      assertThat(record.requestHeader("upgrade")).containsExactly("h2c");
      if (record.sources().contains("wire")) {
        assertThat(record.at("http.response.informational").toString()).isEqualTo("[101]");
      }
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
    int untold = 0;
    for (LogRecord record : records) {
      differ.expect("version", record, "2", record.text("network.protocol.version"));
      differ.expect("outcome", record, "complete", record.outcome());
      Set<String> sources = new HashSet<>(record.sources());
      if (server.instrumented && !sources.contains("jvm")) {
        // A handler that was entered before its class was changed.
        untold++;
        sources.add("jvm");
      }
      differ.expect("sources", record, server.sources(), sources);
      differ.expect("headers.differ", record, "", record.at("headers.differ").toString());
      differ.expect(
          "stream of its own", record, true, streams.add(record.number("connection.stream")));
      connections.add(record.text("connection.id"));
    }
    assertThat(untold).as("without the container's part").isLessThan(count / 100);
    assertThat(differ.toString()).as("of %s records", records.size()).isEmpty();
    assertThat(records).hasSize(count);
    assertThat(connections).hasSize(1);
    return records;
  }
}
