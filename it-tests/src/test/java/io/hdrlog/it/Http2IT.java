package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.Machine;
import io.hdrlog.it.harness.Pause;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.TlsClient;
import io.hdrlog.it.harness.Variant;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One record for each stream of an HTTP/2 connection, by clients that are not ours. */
class Http2IT {
  private static final int STREAMS = 1_000;
  private static final int CONCURRENT = 100;
  private static final int SLOW_MS = 2_000;
  private static final int PATIENCE_SECONDS = 20;

  // RFC 9113.
  private static final int FRAME_HEADER = 9;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int END_STREAM = 1;
  private static final int ACK = 1;
  private static final int END_HEADERS = 4;

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
    System.out.println("records with all times: " + timed.size());
    // The streams of one window may have come in parts that nobody can tell apart: docs/wire.md.
    assertThat(timed.size()).as("records with all times").isGreaterThan(STREAMS * 3 / 4);
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

  /** A proxy may never open another. */
  @ParameterizedTest
  @EnumSource(names = {"NETTY_TLS", "NETTY_CLEARTEXT"})
  void the_first_connection_is_seen_from_its_first_byte(Server server) {
    try (Service service = server.start("auto")) {
      assertThat(Machine.run("h2load", "-n10", "-c1", "-m1", server.url(service, "/hello?n=1")))
          .contains("10 succeeded, 0 failed");
      List<LogRecord> records = service.records().await(10);
      assertThat(records).hasSize(10);
      for (LogRecord record : records) {
        assertThat(record.outcome()).isEqualTo("complete");
        assertThat(record.text("network.protocol.version")).isEqualTo("2");
        assertThat(record.number("connection.request"))
            .isEqualTo(record.number("connection.stream") / 2 + 1);
        assertThat(record.sources()).contains("wire");
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

  /** The JDK's client resets a stream whose answer nobody waits for any more. */
  @ParameterizedTest
  @EnumSource(names = {"NETTY_TLS", "JETTY_TLS", "TOMCAT_TLS"})
  void a_client_that_cancels_one_of_several_streams_ends_that_one_alone(Server server)
      throws Exception {
    // Of itself Tomcat's adapter is not told that nobody waits any more.
    String wire = server == Server.TOMCAT_TLS ? "always" : "auto";
    try (Service service = server.start(wire);
        HttpClient client = http2()) {
      // From here on there is a connection, and it is HTTP/2.
      answer(client.sendAsync(request(server, service, "/hello?n=first", "first"), discarding()));
      String slow = (server.instrumented ? "/sleep" : "/hello") + "?ms=" + SLOW_MS;
      Map<String, CompletableFuture<HttpResponse<Void>>> answers = new LinkedHashMap<>();
      for (int i = 0; i < 5; i++) {
        String id = "stream-" + i;
        // Each its own: a container's view of alike ones may go to another of them.
        String target = slow + "&n=" + i;
        answers.put(id, client.sendAsync(request(server, service, target, id), discarding()));
      }
      answer(client.sendAsync(request(server, service, "/hello?n=probe", "probe"), discarding()));
      Pause.millis(200);
      assertThat(answers.remove("stream-2").cancel(true)).isTrue();
      for (CompletableFuture<HttpResponse<Void>> answer : answers.values()) {
        assertThat(answer(answer).statusCode()).isEqualTo(200);
      }
      List<LogRecord> records = service.records().await(7);
      assertThat(records).hasSize(7);
      assertThat(records)
          .extracting(record -> record.text("connection.id"))
          .containsOnly(records.get(0).text("connection.id"));
      for (LogRecord record : records) {
        if ("stream-2".equals(record.text("request_id"))) {
          assertThat(record.outcome()).as("%s", record).isEqualTo("client_reset");
          assertThat(record.text("error.type")).as("%s", record).isEqualTo("cancel");
          assertThat(record.has("http.response.status_code")).as("%s", record).isFalse();
        } else {
          assertThat(record.outcome()).as("%s", record).isEqualTo("complete");
          assertThat(record.status()).as("%s", record).isEqualTo(200);
          assertThat(record.has("error.type")).as("%s", record).isFalse();
        }
      }
    }
  }

  @Test
  void a_server_that_goes_away_still_answers_what_it_has_and_the_next_comes_elsewhere()
      throws Exception {
    Server server = Server.NETTY_TLS;
    try (Service service = server.start("auto");
        HttpClient client = http2()) {
      answer(client.sendAsync(request(server, service, "/hello?n=first", "first"), discarding()));
      CompletableFuture<HttpResponse<Void>> open =
          client.sendAsync(request(server, service, "/hello?ms=" + SLOW_MS, "open"), discarding());
      Pause.millis(200);
      answer(client.sendAsync(request(server, service, "/goaway", "goaway"), discarding()));
      assertThat(answer(open).statusCode()).isEqualTo(200);
      answer(client.sendAsync(request(server, service, "/hello?n=next", "next"), discarding()));
      List<LogRecord> records = service.records().await(4);
      assertThat(records).hasSize(4).allMatch(record -> record.outcome().equals("complete"));
      Map<String, String> connections = new HashMap<>();
      for (LogRecord record : records) {
        connections.put(record.text("request_id"), record.text("connection.id"));
      }
      assertThat(connections.get("open")).isEqualTo(connections.get("first"));
      assertThat(connections.get("goaway")).isEqualTo(connections.get("first"));
      assertThat(connections.get("next")).isNotEqualTo(connections.get("first"));
    }
  }

  /** What was under way when the server said so: no well-behaved client can be made to do it. */
  @Test
  void a_stream_that_comes_when_the_server_has_gone_was_refused() {
    try (Service service = Server.NETTY_CLEARTEXT.start("always")) {
      try (RawClient client = service.connect()) {
        client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        client.send(frame(SETTINGS, 0, 0, new byte[0]));
        client.send(frame(HEADERS, END_STREAM | END_HEADERS, 1, get("/goaway", "answered")));
        await(client, GOAWAY, 0);
        client.send(frame(HEADERS, END_STREAM | END_HEADERS, 3, get("/hello", "refused")));
        client.send(frame(PING, 0, 0, new byte[8]));
        await(client, PING, ACK);
      }
      List<LogRecord> records = service.records().await(2);
      assertThat(records).hasSize(2);
      for (LogRecord record : records) {
        boolean refused = "refused".equals(record.text("request_id"));
        assertThat(record.outcome())
            .as("%s", record)
            .isEqualTo(refused ? "server_reset" : "complete");
        assertThat(record.text("error.type"))
            .as("%s", record)
            .isEqualTo(refused ? "refused_stream" : null);
        assertThat(record.has("http.response.status_code")).isEqualTo(!refused);
      }
    }
  }

  private static HttpClient http2() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_2)
        .sslContext(TlsClient.of("TLSv1.3").context())
        .build();
  }

  private static HttpRequest request(Server server, Service service, String target, String id) {
    return HttpRequest.newBuilder(URI.create(server.url(service, target)))
        .header("x-request-id", id)
        .build();
  }

  private static HttpResponse.BodyHandler<Void> discarding() {
    return HttpResponse.BodyHandlers.discarding();
  }

  private static HttpResponse<Void> answer(CompletableFuture<HttpResponse<Void>> future)
      throws Exception {
    return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private static byte[] frame(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(FRAME_HEADER + payload.length)
        .put((byte) 0)
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  /** HPACK without a table and without Huffman's code. */
  private static byte[] get(String path, String id) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    // :method GET and :scheme http stand in the static table, :path and :authority with their
    // names.
    block.writeBytes(new byte[] {(byte) 0x82, (byte) 0x86, 4});
    text(block, path);
    block.write(1);
    text(block, "it.example");
    block.write(0);
    text(block, "x-request-id");
    text(block, id);
    return block.toByteArray();
  }

  private static void text(ByteArrayOutputStream to, String text) {
    to.write(text.length());
    to.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static void await(RawClient client, int type, int flags) {
    while (true) {
      ByteBuffer header = ByteBuffer.wrap(client.readBytes(FRAME_HEADER));
      client.readBytes(header.getInt() >>> 8);
      if (header.get(3) == type && header.get(4) == flags) {
        return;
      }
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
