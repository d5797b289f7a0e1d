package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.Pause;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.Variant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The time that a request lies in its socket is queueing, and nothing else. */
class StoppedJvmIT {
  private static final int HELD_MS = 300;
  private static final int ROUNDS = 5;
  private static final int HANDLER_MS = 20;

  /** The contract's 290 to 320 around 300. */
  private static final double EARLY_MS = 10;

  private static final double LATE_MS = 20;

  /** A stopped and a running round of the same request. */
  private record Round(double heldAtLeastMs, double heldAtMostMs, String id) {}

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11", "NETTY_41", "NETTY_42"})
  void a_jvm_stopped_for_300_ms_shows_as_300_ms_of_queueing(Variant variant) {
    try (Service service = Service.on(variant).start()) {
      mustQueueWhileStopped(service);
    }
  }

  static void mustQueueWhileStopped(Service service) {
    List<Round> rounds = new ArrayList<>();
    try (RawClient client = service.connect()) {
      for (int i = 0; i < ROUNDS; i++) {
        client.ask(Request.get("/sleep?ms=" + HANDLER_MS).id("running-" + i));
        rounds.add(stopped(service, client, "stopped-" + i));
      }
    }
    List<LogRecord> records = service.records().await(2 * ROUNDS);
    assertThat(records).hasSize(2 * ROUNDS);

    for (String kind : List.of("running-", "stopped-")) {
      assertThat(median(records, kind, record -> record.millis("handler_ns") - took(record)))
          .as("handler_ns beyond what the handler took by its own clock, JVM " + kind)
          .isBetween(0.0, 5.0);
    }

    if (!Expect.kernel()) {
      for (LogRecord record : records) {
        assertThat(record.has("timing.queue_ns")).as("queue_ns of %s", record).isFalse();
      }
      return;
    }
    for (Round round : rounds) {
      LogRecord record = byId(records, round.id);
      assertThat(record.millis("queue_ns"))
          .as("queue_ns of %s, held %s", record, round)
          .isBetween(round.heldAtLeastMs - EARLY_MS, round.heldAtMostMs + LATE_MS);
    }
    // The machine's noise is how much longer than asked the client, by its own clock, held.
    double noise =
        rounds.stream().mapToDouble(round -> round.heldAtMostMs - HELD_MS).max().orElse(0);
    assertThat(median(records, "stopped-", record -> record.millis("queue_ns")))
        .as("queue_ns at the median, noise %.3f ms", noise)
        .isBetween(HELD_MS - EARLY_MS, HELD_MS + LATE_MS + noise);
    assertThat(median(records, "running-", record -> record.millis("queue_ns")))
        .as("queue_ns of a JVM that runs")
        .isLessThan(10);
    for (String field : List.of("receive_ns", "dispatch_ns", "send_ns")) {
      assertThat(median(records, "stopped-", record -> record.millis(field)))
          .as(field + " does not grow")
          .isLessThan(10);
    }
  }

  private static Round stopped(Service service, RawClient client, String id) {
    service.suspend();
    RawClient.Sent sent = client.send(Request.get("/sleep?ms=" + HANDLER_MS).id(id));
    long wait = HELD_MS * 1_000_000L - (System.nanoTime() - sent.beforeNs());
    Pause.millis(wait / 1_000_000);
    long before = System.nanoTime();
    service.resume();
    long after = System.nanoTime();
    assertThat(client.read("GET").status()).isEqualTo(200);
    return new Round((before - sent.afterNs()) / 1e6, (after - sent.beforeNs()) / 1e6, id);
  }

  private static LogRecord byId(List<LogRecord> records, String id) {
    return records.stream()
        .filter(record -> id.equals(record.text("request_id")))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no record of " + id));
  }

  private static double took(LogRecord record) {
    return Long.parseLong(record.responseHeader("x-took-ns").get(0)) / 1e6;
  }

  private static double median(
      List<LogRecord> records, String prefix, ToDoubleFunction<LogRecord> value) {
    double[] values =
        records.stream()
            .filter(record -> record.text("request_id").startsWith(prefix))
            .mapToDouble(value)
            .sorted()
            .toArray();
    return values[values.length / 2];
  }
}
