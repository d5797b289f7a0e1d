package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.Machine;
import io.hdrlog.it.harness.Pause;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Records;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Response;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.Variant;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each time grows by what was done to it, and the others stay as they were. */
@TestInstance(Lifecycle.PER_CLASS)
class TimingIT {
  private static final List<String> FIELDS =
      List.of("receive_ns", "queue_ns", "dispatch_ns", "handler_ns", "send_ns", "pause_ns");

  /** A client's kernel waits so long for something to send with an acknowledgement. */
  private static final double ACK_DELAYED_MS = 40;

  /** What a connection's first request has of its socket, whatever its addresses are. */
  private static final List<String> KERNEL_FIELDS =
      List.of(
          "connection.id",
          "timing.accept_ns",
          "timing.receive_ns",
          "timing.queue_ns",
          "timing.dispatch_ns",
          "timing.handler_ns",
          "timing.first_byte_ns",
          "timing.send_ns",
          "timing.ack_ns",
          "timing.total_ns",
          "tcp.rtt_us",
          "tcp.retransmits");

  private final Map<Variant, Service> services = new EnumMap<>(Variant.class);

  private Service on(Variant variant) {
    return services.computeIfAbsent(
        variant,
        one -> {
          Service service = Service.on(one).start();
          // What runs for the first time is slow in ways that are not asked about here.
          try (RawClient client = service.connect()) {
            for (int i = 0; i < 200; i++) {
              client.ask(Request.post("/echo", "warm"));
              client.ask(Request.get("/chunked"));
              client.ask(Request.get("/sleep?ms=0"));
            }
          }
          return service;
        });
  }

  @AfterAll
  void stop() {
    services.values().forEach(Service::close);
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11", "NETTY_41", "NETTY_42"})
  void a_handler_that_sleeps_is_handler_time(Variant variant) {
    Measure.untilQuiet(
        () -> {
          LogRecord record = ask(variant, "/sleep?ms=150");
          mustBe(record, "handler_ns", took(record));
          othersStay(record, "handler_ns");
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11", "NETTY_41", "NETTY_42"})
  void a_request_completed_by_another_thread_is_handler_time_until_then(Variant variant) {
    Measure.untilQuiet(
        () -> {
          LogRecord record = ask(variant, "/async?ms=150");
          mustBe(record, "handler_ns", took(record));
          othersStay(record, "handler_ns");
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11", "NETTY_41", "NETTY_42"})
  void a_client_that_dribbles_its_headers_is_receive_time(Variant variant) {
    Measure.untilQuiet(
        () -> {
          Service service = on(variant);
          try (RawClient client = service.connect()) {
            client.ask(Request.get("/hello").id("before"));
            RawClient.Sent sent = client.dribble(Request.get("/hello").id("slow").bytes(), 11, 20);
            client.read("GET");
            double took = (sent.afterNs() - sent.beforeNs()) / 1e6;
            LogRecord record = byId(service, client, "slow");
            mustBe(record, "receive_ns", took);
            othersStay(record, "receive_ns");
          }
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11", "NETTY_41", "NETTY_42"})
  void a_body_that_arrives_slowly_is_not_queueing(Variant variant) {
    Measure.untilQuiet(
        () -> {
          Service service = on(variant);
          try (RawClient client = service.connect()) {
            Request request = Request.post("/echo", "x".repeat(3_000)).id("slow-body");
            RawClient.Sent head = client.send(request.head());
            RawClient.Sent body = client.dribble(request.body(), 4, 50);
            client.read("POST");
            LogRecord record = byId(service, client, "slow-body");
            mustBeSmall(record, "receive_ns");
            mustBeSmall(record, "queue_ns");
            mustBeSmall(record, "send_ns");
            if (Expect.kernel()) {
              mustBe(record, "first_byte_ns", (body.afterNs() - head.afterNs()) / 1e6);
            }
          }
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11", "NETTY_41", "NETTY_42"})
  void a_response_written_in_pieces_is_send_time(Variant variant) {
    Measure.untilQuiet(
        () -> {
          Service service = on(variant);
          try (RawClient client = service.connect()) {
            client.ask(Request.get("/hello").id("before"));
            Response response = client.ask(Request.get("/chunked?ms=100").id("pieces"));
            LogRecord record = byId(service, client, "pieces");
            mustBe(record, "send_ns", (response.lastNs() - response.firstNs()) / 1e6);
            mustBeSmall(record, "queue_ns");
            mustBeSmall(record, "receive_ns");
          }
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_11", "NETTY_42"})
  void a_client_that_does_not_read_a_large_response_is_send_time(Variant variant) {
    Measure.untilQuiet(
        () -> {
          Service service = on(variant);
          try (RawClient client =
              RawClient.connect(
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), service.port()),
                  16 * 1024)) {
            client.send(Request.get("/big?bytes=20000000").id("big"));
            assertThat(client.awaitFirstByte()).isTrue();
            Pause.millis(300);
            long begun = System.nanoTime();
            assertThat(client.read("GET").body()).hasSize(20_000_000);
            double reading = (System.nanoTime() - begun) / 1e6;
            LogRecord record = byId(service, client, "big");
            if (Expect.kernel()) {
              // What was still in the server's send buffer when its last write returned is not
              // sending.
              assertThat(record.millis("send_ns"))
                  .as("send_ns of %s, the client read for %.1f ms after 300", record, reading)
                  .isBetween(300 - Measure.NOISE_MS, 300 + reading + Measure.NOISE_MS);
              mustBeSmall(record, "queue_ns");
              mustBeSmall(record, "receive_ns");
            }
          }
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_11", "NETTY_42"})
  void a_client_that_does_not_read_what_fits_the_buffers_is_acknowledgement_time(Variant variant) {
    Measure.untilQuiet(
        () -> {
          Service service = on(variant);
          try (RawClient client =
              RawClient.connect(
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), service.port()),
                  16 * 1024)) {
            RawClient.Sent sent = client.send(Request.get("/big?bytes=200000").id("held"));
            assertThat(client.awaitFirstByte()).isTrue();
            Pause.millis(300);
            double held = (System.nanoTime() - sent.afterNs()) / 1e6;
            assertThat(client.read("GET").body()).hasSize(200_000);
            double all = (System.nanoTime() - sent.beforeNs()) / 1e6;
            LogRecord record = byId(service, client, "held");
            if (Expect.kernel()) {
              assertThat(record.millis("ack_ns"))
                  .as("ack_ns of %s, the client read after %.1f ms", record, held)
                  .isBetween(held - Measure.NOISE_MS, all + Measure.NOISE_MS);
              othersStay(record, "ack_ns");
              mustBeSmall(record, "first_byte_ns");
            }
          }
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_11", "NETTY_42"})
  void a_request_that_waits_for_a_busy_worker_is_queueing(Variant variant) {
    Measure.untilQuiet(
        () -> {
          if (!Expect.kernel()) {
            return;
          }
          try (Service service = Service.on(variant).with("threads", 1).start();
              RawClient busy = service.connect();
              RawClient waiting = service.connect()) {
            busy.ask(Request.get("/hello").id("warm"));
            waiting.ask(Request.get("/hello").id("warm"));
            busy.send(Request.get("/sleep?ms=250").id("busy"));
            Pause.millis(50);
            RawClient.Sent sent = waiting.send(Request.get("/hello").id("waiting"));
            Response done = busy.read("GET");
            waiting.read("GET");
            LogRecord record = byId(service, waiting, "waiting");
            mustBe(record, "queue_ns", (done.firstNs() - sent.afterNs()) / 1e6);
            othersStay(record, "queue_ns");
          }
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11", "NETTY_41", "NETTY_42"})
  void pipelined_requests_keep_their_own_times(Variant variant) {
    Measure.untilQuiet(
        () -> {
          Service service = on(variant);
          try (RawClient client = service.connect()) {
            int[] sleeps = {40, 10, 80, 20};
            StringBuilder all = new StringBuilder();
            for (int sleep : sleeps) {
              all.append(
                  new String(
                      Request.get("/sleep?ms=" + sleep).id("sleep-" + sleep).bytes(),
                      StandardCharsets.ISO_8859_1));
            }
            client.send(all.toString());
            for (int i = 0; i < sleeps.length; i++) {
              client.read("GET");
            }
            assertThat(service.records().await(sleeps.length, Records.of(client)))
                .hasSize(sleeps.length);
            for (int sleep : sleeps) {
              LogRecord record = byId(service, client, "sleep-" + sleep);
              assertThat(took(record)).isGreaterThanOrEqualTo(sleep);
              mustBe(record, "handler_ns", took(record));
              Expect.allStreams(record);
            }
          }
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_11", "NETTY_42"})
  void the_timestamp_is_the_arrival_of_the_first_byte(Variant variant) {
    Measure.untilQuiet(
        () -> {
          Service service = on(variant);
          try (RawClient client = service.connect()) {
            client.ask(Request.get("/hello").id("before"));
            Instant before = Instant.now();
            client.dribble(Request.get("/sleep?ms=30").id("stamped").bytes(), 3, 30);
            client.read("GET");
            LogRecord record = byId(service, client, "stamped");
            Instant stamp = Instant.parse(record.text("timestamp"));
            if (Expect.kernel()) {
              assertThat(Duration.between(before, stamp).toNanos() / 1e6)
                  .as("timestamp after the client began to send, ms, %s", record)
                  .isBetween(-1.0, Measure.NOISE_MS);
            }
            assertThat(record.text("timestamp")).matches(".*T.*\\.\\d{9}Z");
          }
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_11", "NETTY_42"})
  void ipv6_and_mapped_addresses_are_matched_as_well(Variant variant) {
    Measure.untilQuiet(
        () -> {
          if (!hasIpv6()) {
            System.out.println("not shown: this machine has no ::1");
            return;
          }
          try (Service service = Service.on(variant).with("address", "::").start()) {
            try (RawClient six =
                    RawClient.connect(
                        new InetSocketAddress(InetAddress.ofLiteral("::1"), service.port()), 0);
                RawClient mapped =
                    RawClient.connect(
                        new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), service.port()),
                        0)) {
              six.ask(Request.get("/hello").id("six"));
              mapped.ask(Request.get("/hello").id("mapped"));
              LogRecord ofSix = byId(service, six, "six");
              LogRecord ofMapped = byId(service, mapped, "mapped");
              allKernelFields(ofSix);
              allKernelFields(ofMapped);
              assertThat(ofSix.text("network.peer.address")).isEqualTo("::1");
              assertThat(ofMapped.text("network.peer.address")).isEqualTo("127.0.0.1");
            }
          }
        });
  }

  private static void allKernelFields(LogRecord record) {
    Expect.allStreams(record);
    if (Expect.kernel()) {
      for (String field : KERNEL_FIELDS) {
        assertThat(record.has(field)).as("%s of %s", field, record).isTrue();
      }
    }
  }

  private static boolean hasIpv6() {
    return Machine.run("cat", "/proc/net/if_inet6").contains("00000000000000000000000000000001");
  }

  private LogRecord ask(Variant variant, String target) {
    Service service = on(variant);
    try (RawClient client = service.connect()) {
      client.ask(Request.get("/hello").id("before"));
      client.ask(Request.get(target).id("measured"));
      return byId(service, client, "measured");
    }
  }

  private static LogRecord byId(Service service, RawClient client, String id) {
    return service
        .records()
        .first(Records.of(client).and(record -> id.equals(record.text("request_id"))));
  }

  /** What the handler, by its own clock, took. */
  private static double took(LogRecord record) {
    return Long.parseLong(record.responseHeader("x-took-ns").get(0)) / 1e6;
  }

  private static void mustBe(LogRecord record, String field, double millis) {
    if (!field.equals("handler_ns") && !Expect.kernel()) {
      return;
    }
    assertThat(record.millis(field))
        .as("%s of %s", field, record)
        .isBetween(millis - 5, millis * 1.05 + Measure.NOISE_MS);
  }

  private static void mustBeSmall(LogRecord record, String field) {
    if (Expect.kernel() || record.has("timing." + field)) {
      assertThat(record.millis(field))
          .as("%s of %s", field, record)
          .isBetween(0.0, Measure.NOISE_MS);
    }
  }

  private static void othersStay(LogRecord record, String grown) {
    FIELDS.stream().filter(field -> !field.equals(grown)).forEach(f -> mustBeSmall(record, f));
    if (Expect.kernel() && !grown.equals("ack_ns")) {
      assertThat(record.millis("ack_ns"))
          .as("ack_ns of %s", record)
          .isBetween(0.0, ACK_DELAYED_MS + Measure.NOISE_MS);
    }
  }
}
