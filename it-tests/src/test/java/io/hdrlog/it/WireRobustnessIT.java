package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.hdrlog.it.harness.Jdks;
import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.Machine;
import io.hdrlog.it.harness.Pause;
import io.hdrlog.it.harness.Project;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Response;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.TlsClient;
import io.hdrlog.it.harness.Variant;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The wire stream on connections that go wrong, go on for long, or are none of its business. */
class WireRobustnessIT {
  private static final int DOWNLOAD_BYTES =
      Integer.getInteger("hdrlog.it.wire.download", 200_000_000);
  private static final int MANY = Integer.getInteger("hdrlog.it.wire.connections", 2_000);

  @Test
  void nothing_is_woven_when_it_is_off() {
    try (Service service = Service.on(Variant.JDK).option("wire", "off").start();
        RawClient client = service.connect()) {
      client.ask(Request.get("/hello"));
      Pause.millis(500);
      assertThat(service.records().now()).isEmpty();
      mustNotWatch(service);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_11", "NETTY_42"})
  void nothing_is_woven_for_servers_that_tell_by_themselves(Variant variant) {
    try (Service service = Service.on(variant).start();
        RawClient client = service.connect()) {
      client.ask(Request.get("/hello"));
      assertThat(service.records().await(1)).hasSize(1);
      mustNotWatch(service);
    }
  }

  /** It has all that HTTP/2 needs but what offers it. */
  @ParameterizedTest
  @ValueSource(strings = {"jsse", "boringssl"})
  void nor_for_netty_that_does_not_offer_http2(String tls) throws IOException {
    Service.Builder builder =
        Service.on(Variant.NETTY_42).libraries("netty42-http2").libraries("netty-boringssl");
    builder.with("tls", tls).with("keystore", TlsClient.keystore());
    try (Service service = builder.start();
        RawClient client = connect(service, tls)) {
      client.ask(Request.get("/hello"));
      assertThat(service.records().await(1)).hasSize(1);
      mustNotWatch(service);
    }
  }

  private static void mustNotWatch(Service service) {
    assertThat(service.agentLog())
        .doesNotContain("wire stream on")
        .doesNotContain("class=sun.nio.ch.SocketChannelImpl")
        .doesNotContain("class=sun.nio.ch.NioSocketImpl");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "jsse"})
  void a_connection_that_was_open_before_the_agent_came_is_joined(String tls) throws IOException {
    Service.Builder builder = Service.on(Variant.JDK).withoutAgent();
    if (!tls.isEmpty()) {
      builder.with("tls", tls).with("keystore", TlsClient.keystore());
    }
    Path logs = Files.createTempDirectory(Project.root().resolve("it-tests/target"), "attach");
    try (Service service = builder.dir(logs).name("attached").start();
        RawClient client = connect(service, tls)) {
      client.ask(Request.get("/hello?before=1"));
      Machine.run(
          Jdks.current().resolve("bin/java").toString(),
          "-jar",
          Project.agentJar().toString(),
          "attach",
          Long.toString(service.pid()),
          "service=attached,dir=" + logs + ",wire=always");
      assertThat(service.saysWithin("kernel stream", Duration.ofSeconds(10))).isTrue();
      // What was handed to the engine before it was woven is of a session that cannot be joined.
      try (RawClient second = connect(service, tls)) {
        second.ask(Request.get("/hello?new=1").id("new-1"));
        second.ask(Request.get("/hello?new=2").id("new-2"));
      }
      if (tls.isEmpty()) {
        client.ask(Request.get("/hello?after=1").id("after-1"));
        client.ask(Request.get("/hello?after=2").id("after-2"));
      }
      List<LogRecord> records = service.records().await(tls.isEmpty() ? 4 : 2);
      assertThat(records)
          .extracting(record -> record.text("request_id"))
          .containsExactlyInAnyOrder(
              tls.isEmpty()
                  ? new String[] {"new-1", "new-2", "after-1", "after-2"}
                  : new String[] {"new-1", "new-2"});
      assertThat(records).allMatch(record -> record.sources().contains("wire"));
    }
  }

  private static RawClient connect(Service service, String tls) {
    return tls.isEmpty()
        ? service.connect()
        : RawClient.connect(service.port(), TlsClient.of("TLSv1.3"));
  }

  @ParameterizedTest
  @EnumSource(names = {"ASYNCHRONOUS", "BLOCKING"})
  void a_server_that_closes_without_an_answer_is_not_the_client(Variant variant) {
    try (Service service = Service.on(variant).start();
        RawClient client = service.connect()) {
      client.send(Request.get("/abort").id("abort"));
      client.readToEnd();
      mustHaveClosedWithoutAnAnswer(service);
    }
  }

  private static void mustHaveClosedWithoutAnAnswer(Service service) {
    List<LogRecord> records = service.records().await(1);
    assertThat(records).hasSize(1);
    assertThat(records.get(0).outcome()).as("%s", records).isEqualTo("server_reset");
    assertThat(records.get(0).text("error.type")).isEqualTo("no_response");
  }

  /** Behind a load balancer or two, that is an everyday thing. */
  @Test
  void clients_with_one_source_port_are_told_apart_by_their_addresses() {
    TlsClient tls = TlsClient.of("TLSv1.3");
    try (Service service =
            Service.on(Variant.BLOCKING)
                .with("tls", "jsse")
                .with("keystore", TlsClient.keystore())
                .start();
        RawClient one = RawClient.connect(service.port(), tls);
        RawClient other =
            RawClient.connect(
                new InetSocketAddress("127.0.0.2", one.localPort()), service.port(), tls)) {
      // Both have shaken hands before either asks.
      one.ask(Request.get("/hello").id("one"));
      other.ask(Request.get("/hello").id("other"));
      assertThat(service.records().await(2))
          .extracting(
              record -> record.text("request_id"),
              record -> record.text("network.peer.address"),
              record -> record.number("network.peer.port"))
          .containsExactlyInAnyOrder(
              tuple("one", "127.0.0.1", (long) one.localPort()),
              tuple("other", "127.0.0.2", (long) one.localPort()));
    }
  }

  /** Its read throws, and that is not the transport's doing. */
  @Test
  void a_server_that_waits_no_longer_is_not_the_client() {
    try (Service service = Service.on(Variant.BLOCKING).with("timeoutMs", 300).start();
        RawClient client = service.connect()) {
      client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf ");
      client.readToEnd();
      mustHaveClosedWithoutAnAnswer(service);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"JDK", "BLOCKING"})
  void a_reset_in_mid_response_and_a_half_close_are_told_apart(Variant variant) {
    try (Service service = Service.on(variant).start()) {
      RawClient resetting = service.connect();
      resetting.send(Request.get("/big?bytes=50000000").id("reset"));
      resetting.awaitFirstByte();
      Pause.millis(200);
      resetting.reset();
      try (RawClient half = service.connect()) {
        half.send(Request.get("/sleep?ms=100").id("half"));
        half.halfClose();
        Response response = half.read("GET");
        assertThat(response.status()).isEqualTo(200);
      }
      List<LogRecord> records = service.records().await(2);
      assertThat(records).hasSize(2);
      for (LogRecord record : records) {
        boolean reset = record.text("request_id").equals("reset");
        assertThat(record.outcome())
            .as("of %s", record)
            .isEqualTo(reset ? "client_reset" : "complete");
        assertThat(record.status()).isEqualTo(200);
        if (reset) {
          // One call wrote the whole of it, and threw.
          assertThat(record.number("http.response.body.size"))
              .as("of %s", record)
              .isBetween(1L, 49_999_999L);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"JDK", "BLOCKING"})
  void a_reset_that_the_service_does_not_notice_has_a_record_once(Variant variant) {
    if (!Expect.kernel()) {
      // Nobody else knows of it.
      return;
    }
    int unawareMs = 13_000;
    try (Service service = Service.on(variant).start()) {
      long begun = System.nanoTime();
      try (RawClient client = service.connect()) {
        client.send(Request.get("/sleep?ms=" + unawareMs).id("reset"));
        Pause.millis(100);
        client.reset();
      }
      List<LogRecord> records = service.records().await(1);
      long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
      assertThat(records).extracting(LogRecord::outcome).containsExactly("client_reset");
      assertThat(ms).as("before the service closes it").isLessThan(unawareMs);
      Pause.millis(unawareMs + 500 - ms);
      service.stop();
      assertThat(service.records().now()).hasSize(1);
    }
  }

  @Test
  void a_request_in_many_small_tls_records_has_the_time_it_took() {
    try (Service service = secureJdk().start();
        RawClient client = RawClient.connect(service.port(), TlsClient.of("TLSv1.3"))) {
      client.ask(Request.get("/hello").id("idle-before"));
      Pause.millis(500);
      client.dribble(Request.get("/hello").id("slow").bytes(), 8, 50);
      client.read("GET");
      List<LogRecord> records = service.records().await(2);
      assertThat(records).hasSize(2);
      LogRecord slow = records.get(1);
      assertThat(slow.text("request_id")).isEqualTo("slow");
      assertThat(slow.number("connection.request")).isEqualTo(2);
      if (Expect.kernel()) {
        assertThat(slow.millis("receive_ns")).isBetween(345.0, 700.0);
      }
    }
  }

  private static Service.Builder secureJdk() {
    return Service.on(Variant.JDK).with("tls", "jsse").with("keystore", TlsClient.keystore());
  }

  @Test
  void garbage_and_heads_that_are_too_long_are_rejected_requests_of_jetty() {
    try (Service service = Service.on(Variant.JETTY_12).with("handler", "servlet").start()) {
      try (RawClient client = service.connect()) {
        client.send("GET /no-colon HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n");
        assertThat(new String(client.readToEnd(), StandardCharsets.ISO_8859_1))
            .startsWith("HTTP/1.1 400");
      }
      try (RawClient client = service.connect()) {
        client.send("GET /long HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(140_000) + "\r\n\r\n");
        assertThat(client.read("GET").status()).isEqualTo(431);
      }
      List<LogRecord> records = service.records().await(2);
      assertThat(records).hasSize(2);
      assertThat(records).extracting(LogRecord::status).containsExactlyInAnyOrder(400, 431);
      assertThat(records).allMatch(record -> record.outcome().equals("rejected"));
    }
  }

  @Test
  void what_the_service_asks_of_others_is_neither_logged_nor_kept() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Service service = Service.on(Variant.JDK).start()) {
      Thread answering = new Thread(() -> answer(other), "other");
      answering.setDaemon(true);
      answering.start();
      try (RawClient client = service.connect()) {
        assertThat(
                client
                    .ask(Request.get("/outbound?port=" + other.getLocalPort() + "&marker=out8Bx"))
                    .text())
            .isEqualTo("asked 200\n");
      }
      assertThat(service.records().await(1)).hasSize(1);
      service.stop();
      List<LogRecord> records = service.records().now();
      assertThat(records).hasSize(1);
      assertThat(records.get(0).text("url.path")).isEqualTo("/outbound");
      mustNotContain(service, "out8Bx-");
    }
  }

  private static void answer(ServerSocket other) {
    byte[] answer =
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Answer: out8Bx-answer\r\nConnection: close\r\n\r\n"
            .getBytes(StandardCharsets.ISO_8859_1);
    while (true) {
      try (Socket socket = other.accept()) {
        byte[] head = new byte[8192];
        if (socket.getInputStream().read(head) > 0) {
          socket.getOutputStream().write(answer);
        }
      } catch (IOException e) {
        return;
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "jsse"})
  void bodies_and_what_is_masked_are_in_no_file(String tls) {
    Service.Builder builder = Service.on(Variant.JDK).option("wire", "always");
    if (!tls.isEmpty()) {
      builder.with("tls", tls).with("keystore", TlsClient.keystore());
    }
    try (Service service = builder.start()) {
      try (RawClient client = connect(service, tls)) {
        for (int i = 0; i < 50; i++) {
          Request request =
              Request.post("/echo?token=qs5Ty26Wm", "bd7Kx91Rt ".repeat(i + 1))
                  .header("Authorization", "Bearer au3Vb84Lq")
                  .header("Cookie", "sid=ck9Zn13Hd");
          byte[] bytes = request.bytes();
          int cut = bytes.length * i / 50 + 1;
          client.send(Arrays.copyOf(bytes, cut));
          client.send(Arrays.copyOfRange(bytes, cut, bytes.length));
          assertThat(client.read("POST").text()).startsWith("bd7Kx91Rt");
        }
      }
      assertThat(service.records().await(50)).hasSize(50);
      service.stop();
      for (String secret : List.of("bd7Kx91Rt", "qs5Ty26Wm", "au3Vb84Lq", "ck9Zn13Hd")) {
        mustNotContain(service, secret);
      }
    }
  }

  private static void mustNotContain(Service service, String text) {
    try (Stream<Path> files = Files.list(service.dir())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
            .as("%s", file)
            .doesNotContain(text);
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "jsse"})
  void a_long_download_is_one_record_and_stays_out_of_memory(String tls) {
    Service.Builder builder = Service.on(Variant.JDK).jvm("-Xmx64m");
    if (!tls.isEmpty()) {
      builder.with("tls", tls).with("keystore", TlsClient.keystore());
    }
    try (Service service = builder.start()) {
      long began = System.nanoTime();
      String url =
          (tls.isEmpty() ? "http" : "https")
              + "://127.0.0.1:"
              + service.port()
              + "/big?bytes="
              + DOWNLOAD_BYTES;
      String printed =
          Machine.run("curl", "-sSk", "-o", "/dev/null", "-w", "%{size_download}", url);
      assertThat(printed).isEqualTo(Integer.toString(DOWNLOAD_BYTES));
      System.out.println(
          "download tls="
              + tls
              + " ms="
              + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
      LogRecord record = service.records().onlyWithPath("/big");
      assertThat(record.outcome()).isEqualTo("complete");
      assertThat(record.number("http.response.body.size")).isEqualTo(DOWNLOAD_BYTES);
      assertThat(service.agentLog()).doesNotContain("lost reason=ring_full");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "jsse"})
  void thousands_of_connections_leave_nothing_behind(String tls) throws IOException {
    Service.Builder builder = Service.on(Variant.JDK);
    if (!tls.isEmpty()) {
      builder.with("tls", tls).with("keystore", TlsClient.keystore());
    }
    try (Service service = builder.start()) {
      int connections = tls.isEmpty() ? MANY : MANY / 4;
      TlsClient client = tls.isEmpty() ? null : TlsClient.of("TLSv1.3");
      for (int i = 0; i < connections; i++) {
        try (RawClient of =
            client == null ? service.connect() : RawClient.connect(service.port(), client)) {
          of.ask(Request.get("/hello"));
        }
      }
      assertThat(service.records().await(connections)).hasSize(connections);
      String histogram =
          Machine.run(
              Jdks.current().resolve("bin/jcmd").toString(),
              Long.toString(service.pid()),
              "GC.class_histogram");
      long left =
          histogram
              .lines()
              .filter(line -> line.endsWith("tap.WireChannel"))
              .mapToLong(line -> Long.parseLong(line.strip().split(" +", 3)[1]))
              .sum();
      // A few of the newest may wait for a slot of the ring to be used again.
      assertThat(left).as(histogram.lines().limit(20).toList().toString()).isLessThan(100);
    }
  }
}
