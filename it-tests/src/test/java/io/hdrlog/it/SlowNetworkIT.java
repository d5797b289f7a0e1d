package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Records;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.Variant;
import io.hdrlog.it.wire.Flow;
import io.hdrlog.it.wire.Line;
import io.hdrlog.it.wire.Network;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client behind a bad line: what the line does shows where it belongs and nowhere else. */
@TestInstance(Lifecycle.PER_CLASS)
class SlowNetworkIT {
  private static final int SEED = 20261122;
  private static final double ONE_WAY_MS = 50;
  private static final int BIG_BYTES = 200_000;

  /** What a line of this kind lets leave before it has heard of any of it: ten segments. */
  private static final int AT_ONCE_BYTES = 14_000;

  private static final List<String> OF_THE_SERVER =
      List.of("receive_ns", "queue_ns", "dispatch_ns", "handler_ns", "first_byte_ns", "send_ns");

  private final Map<Variant, Service> services = new EnumMap<>(Variant.class);
  private Network server;
  private Network client;
  private Line line;

  @BeforeAll
  void begin() {
    String refused = Network.refused();
    if (!refused.isEmpty()) {
      System.out.println("NOT SHOWN, slow networks: this machine makes none: " + refused);
    }
    Assumptions.assumeTrue(refused.isEmpty(), refused);
    server = Network.made("server");
    client = Network.made("client");
    line = Line.between(server, client, SEED);
  }

  @AfterAll
  void end() throws Exception {
    List<AutoCloseable> all = new ArrayList<>(services.values());
    Stream.of(line, client, server).filter(Objects::nonNull).forEach(all::add);
    close(all.iterator());
  }

  /** All of them, whatever fails: no namespace is left behind. */
  private static void close(Iterator<AutoCloseable> all) throws Exception {
    if (all.hasNext()) {
      try {
        all.next().close();
      } finally {
        close(all);
      }
    }
  }

  private Service on(Variant variant) {
    return services.computeIfAbsent(
        variant,
        one -> {
          Service service =
              Service.on(one)
                  .inNetwork(server.file())
                  .with("address", line.serverAddress())
                  .start();
          try (RawClient near = connect(server, service)) {
            for (int i = 0; i < 200; i++) {
              near.ask(Request.post("/echo", "warm"));
              near.ask(Request.get("/sleep?ms=0"));
            }
            near.ask(Request.get("/big?bytes=" + BIG_BYTES));
          }
          return service;
        });
  }

  private RawClient connect(Network from, Service service) {
    return from.inside(
        () -> RawClient.connect(new InetSocketAddress(line.serverAddress(), service.port()), 0));
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_11", "NETTY_42"})
  void a_long_line_is_acknowledgement_time_and_round_trip_time(Variant variant) {
    Service service = on(variant);
    Measure.untilQuiet(
        () -> {
          line.become(Line.Quality.delay(ONE_WAY_MS));
          try (RawClient far = connect(client, service);
              RawClient near = connect(server, service)) {
            near.ask(Request.get("/hello").id("near"));
            int bytes = far.ask(Request.get("/hello").id("far")).wire().length;
            LogRecord ofFar = byId(service, far, "far");
            LogRecord ofNear = byId(service, near, "near");
            line.become(Line.Quality.PERFECT);
            if (!Expect.kernel()) {
              return;
            }
            Flow flow = Flow.of(line.atServer(), service.port()).get(far.localPort());
            double truth =
                (flow.acknowledged(bytes).orElseThrow() - flow.sent(bytes - 1L).orElseThrow())
                    / 1e6;
            assertThat(truth).isGreaterThanOrEqualTo(2 * ONE_WAY_MS);
            System.out.printf(
                "%s ack_ns=%.3f ms, line=%.3f ms, rtt_us=%d, near: ack_ns=%.3f rtt_us=%d%n",
                variant,
                ofFar.millis("ack_ns"),
                truth,
                ofFar.number("tcp.rtt_us"),
                ofNear.millis("ack_ns"),
                ofNear.number("tcp.rtt_us"));
            assertThat(ofFar.millis("ack_ns"))
                .as("ack_ns of %s", ofFar)
                .isCloseTo(truth, within(5.0));
            assertThat(ofFar.number("tcp.rtt_us") / 1e3)
                .as("tcp.rtt_us of %s", ofFar)
                .isBetween(2 * ONE_WAY_MS, 2 * ONE_WAY_MS * 1.05 + Measure.NOISE_MS);
            assertThat(ofFar.number("tcp.retransmits")).isZero();
            serverIsQuick(ofFar);
            assertThat(ofFar.millis("accept_ns")).isBetween(0.0, Measure.NOISE_MS);

            serverIsQuick(ofNear);
            assertThat(ofNear.millis("ack_ns")).isBetween(0.0, Measure.NOISE_MS);
            assertThat(ofNear.number("tcp.rtt_us") / 1e3).isLessThan(Measure.NOISE_MS);
          }
        });
  }

  private static void serverIsQuick(LogRecord record) {
    for (String field : OF_THE_SERVER) {
      assertThat(record.millis(field))
          .as("%s of %s", field, record)
          .isBetween(0.0, Measure.NOISE_MS);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_11", "NETTY_42"})
  void a_good_line_loses_nothing(Variant variant) {
    Service service = on(variant);
    // A line that this machine did not serve in time is a bad one, and the kernel says so.
    Measure.untilQuiet(() -> assertThat(retransmitted(service, 1, 3)).isZero());
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_11", "NETTY_42"})
  void what_a_line_loses_is_counted_where_it_was_lost(Variant variant) {
    Service service = on(variant);
    line.become(Line.Quality.loss(0.2));
    try {
      // Once in some forty runs a record said 35 where the line had 36: docs/architecture.md. What
      // is wrong in itself is so each time.
      Measure.untilQuiet(
          () -> {
            long lost = line.lost();
            assertThat(retransmitted(service, 3, 5)).isGreaterThanOrEqualTo(line.lost() - lost);
            assertThat(line.lost() - lost).isPositive();
          });
    } finally {
      line.become(Line.Quality.PERFECT);
    }
  }

  /**
   * Asks for large responses, one after the other on each connection, and compares each record with
   * the line and all of them with what the kernel counted; returns the latter.
   */
  private long retransmitted(Service service, int connections, int requests) {
    long before = server.tcpCounter("RetransSegs");
    long recorded = 0;
    List<Double> firstBytes = new ArrayList<>();
    List<Double> off = new ArrayList<>();
    for (int c = 0; c < connections; c++) {
      try (RawClient far = connect(client, service)) {
        List<MixedLoad.Place> places = new ArrayList<>();
        long received = 0;
        long sent = 0;
        for (int i = 0; i < requests; i++) {
          Request request = Request.get("/big?bytes=" + BIG_BYTES).id("big-" + i);
          int length = far.ask(request).wire().length;
          int asked = request.bytes().length;
          places.add(
              new MixedLoad.Place(
                  "big-" + i,
                  far.localPort(),
                  i + 1,
                  received,
                  received + asked,
                  sent,
                  sent + length));
          received += asked;
          sent += length;
        }
        List<LogRecord> records = service.records().await(requests, Records.of(far));
        assertThat(records).hasSize(requests);
        if (!Expect.kernel()) {
          return 0;
        }
        Flow flow = Flow.of(line.atServer(), service.port()).get(far.localPort());
        for (LogRecord record : records) {
          MixedLoad.Place place = places.get((int) record.number("connection.request") - 1);
          assertThat(record.text("request_id")).isEqualTo(place.id());
          assertThat(record.number("tcp.retransmits"))
              .as("segments sent again of %s", record)
              .isEqualTo(flow.sentAgain(place.txStart(), place.txEnd()));
          recorded += record.number("tcp.retransmits");
          firstBytes.add(record.millis("receive_ns") + record.millis("first_byte_ns"));
          long total =
              flow.acknowledged(place.txEnd()).orElseThrow()
                  - flow.received(place.rxStart()).orElseThrow();
          off.add(Math.abs(record.millis("total_ns") - total / 1e6));
        }
      }
    }
    long counted = server.tcpCounter("RetransSegs") - before;
    System.out.printf(
        "sent again: in records and on the line %d, by the kernel's count %d; first byte %.3f ms,"
            + " total_ns off by %.3f ms (medians)%n",
        recorded, counted, median(firstBytes), median(off));
    assertThat(recorded).as("in all, by the kernel's own count").isEqualTo(counted);
    assertThat(median(firstBytes)).as("ms to the first byte").isLessThan(Measure.NOISE_MS);
    assertThat(median(off)).as("total_ns against the line, ms").isLessThan(1);
    return counted;
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_11", "NETTY_42"})
  void segments_out_of_turn_and_twice_give_no_wrong_times(Variant variant) {
    Service service = on(variant);
    Measure.untilQuiet(
        () -> {
          String name = "turn" + System.nanoTime();
          long twice = line.duplicated();
          long overtaken = line.overtaken();
          line.become(new Line.Quality(5, 0, 0.2, 0.2, 8));
          List<MixedLoad.Place> places;
          try {
            places = MixedLoad.run(() -> connect(client, service), name, 4, 3, 3_000);
          } finally {
            line.become(Line.Quality.PERFECT);
          }
          assertThat(line.duplicated() - twice).isGreaterThan(100);
          assertThat(line.overtaken() - overtaken).isGreaterThan(100);
          if (!Expect.kernel()) {
            return;
          }
          long offset = realtimeOffsetNs();
          List<WireDifferences> all =
              WireDifferences.of(
                  service,
                  places,
                  Flow.of(line.atServer(), service.port()),
                  ns -> ns + offset,
                  AT_ONCE_BYTES);
          for (WireDifferences one : all) {
            System.out.println(variant + " record against the line, " + one);
            assertThat(one.quantileNs(0.5) / 1e6).as("median, ms, of %s", one).isLessThan(1);
            assertThat(one.worstNs() / 1e6).as("most, ms, of %s", one).isLessThan(Measure.NOISE_MS);
          }
        });
  }

  /** From System.nanoTime to CLOCK_REALTIME, from readings between which little time went by. */
  private static long realtimeOffsetNs() {
    long narrowest = Long.MAX_VALUE;
    long offset = 0;
    for (int i = 0; i < 20; i++) {
      long before = System.nanoTime();
      Instant now = Instant.now();
      long took = System.nanoTime() - before;
      if (took < narrowest) {
        narrowest = took;
        offset = now.getEpochSecond() * 1_000_000_000L + now.getNano() - before - took / 2;
      }
    }
    return offset;
  }

  private static LogRecord byId(Service service, RawClient client, String id) {
    return service
        .records()
        .first(Records.of(client).and(record -> id.equals(record.text("request_id"))));
  }
}
