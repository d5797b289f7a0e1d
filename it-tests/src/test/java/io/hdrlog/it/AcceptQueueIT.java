package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.Pause;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Records;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.Variant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The time that a connection waits to be accepted is its first request's, and no other's. */
@TestInstance(Lifecycle.PER_CLASS)
class AcceptQueueIT {
  private static final int HELD_MS = 300;

  /** For whoever was let in to be let in. */
  private static final int LET_IN_MS = 100;

  private static final int BACKLOG = 4;

  /** A listen backlog of n holds n + 1. */
  private static final int WAITING = BACKLOG + 1;

  private static final List<String> OTHERS =
      List.of("receive_ns", "queue_ns", "dispatch_ns", "handler_ns", "first_byte_ns", "ack_ns");

  private final Map<Variant, Service> services = new EnumMap<>(Variant.class);

  private record Waiting(RawClient client, long beforeNs, long afterNs) {}

  private Service on(Variant variant) {
    return services.computeIfAbsent(
        variant,
        one -> {
          Service service = Service.on(one).with("backlog", BACKLOG).start();
          warm(service);
          return service;
        });
  }

  @AfterAll
  void stop() {
    services.values().forEach(Service::close);
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_11", "NETTY_42"})
  void a_full_backlog_of_a_stopped_jvm_is_accept_time(Variant variant) {
    if (!Expect.kernel()) {
      return;
    }
    Service service = on(variant);
    Measure.untilQuiet(
        () -> {
          service.suspend();
          List<Waiting> waiting;
          long before;
          try {
            waiting = connect(service);
            Pause.millis(HELD_MS);
            before = System.nanoTime();
          } finally {
            service.resume();
          }
          mustHaveWaited(service, waiting, before, System.nanoTime());
        });
  }

  @Test
  void a_full_backlog_behind_a_connection_limit_is_accept_time() {
    if (!Expect.kernel()) {
      return;
    }
    try (Service service =
        Service.on(Variant.TOMCAT_11)
            .with("backlog", BACKLOG)
            .with("connections", WAITING)
            .start()) {
      warm(service);
      Measure.untilQuiet(
          () -> {
            List<RawClient> holding = new ArrayList<>();
            for (int i = 0; i < WAITING; i++) {
              holding.add(service.connect());
              holding.get(i).ask(Request.get("/hello").id("holding"));
            }
            List<Waiting> waiting = connect(service);
            Pause.millis(HELD_MS);
            long before = System.nanoTime();
            holding.forEach(RawClient::close);
            mustHaveWaited(service, waiting, before, System.nanoTime());
          });
    }
  }

  private static void warm(Service service) {
    for (int i = 0; i < 10; i++) {
      try (RawClient client = service.connect()) {
        for (int n = 0; n < 20; n++) {
          client.ask(Request.get("/hello").id("warm"));
        }
      }
    }
    // A server with a limit counts a connection down when it has noticed its end.
    Pause.millis(LET_IN_MS);
  }

  private static List<Waiting> connect(Service service) {
    List<Waiting> waiting = new ArrayList<>();
    for (int i = 0; i < WAITING; i++) {
      long before = System.nanoTime();
      RawClient client = service.connect();
      waiting.add(new Waiting(client, before, System.nanoTime()));
    }
    return waiting;
  }

  /** They ask only when they have been let in, so that nothing else has to wait. */
  private static void mustHaveWaited(
      Service service, List<Waiting> all, long releasingNs, long releasedNs) {
    Pause.millis(LET_IN_MS);
    for (Waiting one : all) {
      one.client.ask(Request.get("/hello").id("first"));
      one.client.ask(Request.get("/hello").id("second"));
    }
    for (Waiting one : all) {
      one.client.close();
      LogRecord first = byId(service, one.client, "first");
      LogRecord second = byId(service, one.client, "second");
      assertThat(first.millis("accept_ns"))
          .as("accept_ns of %s", first)
          .isBetween(
              (releasingNs - one.afterNs) / 1e6 - 5,
              (releasedNs - one.beforeNs) / 1e6 * 1.05 + Measure.NOISE_MS);
      for (String field : OTHERS) {
        assertThat(first.millis(field))
            .as("%s of %s", field, first)
            .isBetween(0.0, Measure.NOISE_MS);
      }
      assertThat(second.has("timing.accept_ns")).as("accept_ns of %s", second).isFalse();
    }
  }

  private static LogRecord byId(Service service, RawClient client, String id) {
    return service
        .records()
        .first(Records.of(client).and(record -> id.equals(record.text("request_id"))));
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_11", "NETTY_42"})
  void a_request_that_came_before_its_connection_was_accepted_waited_as_well(Variant variant) {
    if (!Expect.kernel()) {
      return;
    }
    Service service = on(variant);
    Measure.untilQuiet(
        () -> {
          service.suspend();
          long before = System.nanoTime();
          try (RawClient client = service.connect()) {
            RawClient.Sent sent;
            try {
              Pause.millis(HELD_MS / 2);
              sent = client.send(Request.get("/hello").id("early"));
              Pause.millis(HELD_MS / 2);
            } finally {
              service.resume();
            }
            double accepting = (System.nanoTime() - before) / 1e6;
            double queueing = (System.nanoTime() - sent.beforeNs()) / 1e6;
            client.read("GET");
            LogRecord record = service.records().first(Records.of(client));
            assertThat(record.millis("accept_ns"))
                .as("accept_ns of %s", record)
                .isBetween(HELD_MS - 5.0, accepting * 1.05 + Measure.NOISE_MS);
            assertThat(record.millis("queue_ns"))
                .as("queue_ns of %s", record)
                .isBetween(HELD_MS / 2 - 5.0, queueing * 1.05 + Measure.NOISE_MS);
            for (String field : List.of("receive_ns", "dispatch_ns", "handler_ns", "ack_ns")) {
              assertThat(record.millis(field))
                  .as("%s of %s", field, record)
                  .isBetween(0.0, Measure.NOISE_MS);
            }
          }
        });
  }
}
