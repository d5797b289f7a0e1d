package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.Pause;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Records;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Response;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.Variant;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pauses, against the JVM's own log of its safepoints. */
@TestInstance(Lifecycle.PER_CLASS)
class SafepointIT {
  private static final int LIVING_MB = 100;

  /** Long enough to be told from noise, wherever this runs. */
  private static final double PAUSE_MS_MIN = 20;

  private static final Pattern TOTAL = Pattern.compile("Safepoint .* Total: +(\\d+) ns");

  @TempDir private Path logs;
  private final Map<Variant, Service> services = new EnumMap<>(Variant.class);

  private Service on(Variant variant) {
    return services.computeIfAbsent(
        variant,
        one ->
            Service.on(one)
                .jvm("-Xmx600m", "-Xms600m", "-Xlog:safepoint:file=" + log(one))
                .start());
  }

  @AfterAll
  void stop() {
    services.values().forEach(Service::close);
  }

  private Path log(Variant variant) {
    return logs.resolve(variant + ".safepoints");
  }

  /** By its own log the JVM has stood at safepoints for so long. */
  private double standingMs(Variant variant) {
    double sum = 0;
    for (String line : lines(log(variant))) {
      Matcher matcher = TOTAL.matcher(line);
      if (matcher.find()) {
        sum += Long.parseLong(matcher.group(1)) / 1e6;
      }
    }
    return sum;
  }

  private static List<String> lines(Path log) {
    try {
      return Files.readAllLines(log, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_11", "NETTY_42"})
  void a_collection_while_the_handler_runs_is_pause_time(Variant variant) {
    if (!Expect.kernel()) {
      return;
    }
    Service service = on(variant);
    try (RawClient client = service.connect()) {
      client.ask(Request.get("/gc").id("warm"));
      Measure.untilQuiet(
          () -> {
            String id = "collecting-" + System.nanoTime();
            double before = standingMs(variant);
            client.ask(Request.get("/gc?mb=" + LIVING_MB).id(id));
            Pause.millis(50);
            double stood = standingMs(variant) - before;
            LogRecord record = byId(service, client, id);
            System.out.printf(
                "%s pause_ns=%.3f ms, the JVM's log=%.3f ms%n",
                variant, record.millis("pause_ns"), stood);
            assertThat(stood).isGreaterThan(PAUSE_MS_MIN);
            assertThat(record.millis("pause_ns"))
                .as("pause_ns of %s", record)
                .isCloseTo(stood, within(Math.max(5, stood * 0.05)));
            assertThat(record.millis("handler_ns")).isGreaterThan(record.millis("pause_ns"));
            for (String field : List.of("receive_ns", "queue_ns", "dispatch_ns", "send_ns")) {
              assertThat(record.millis(field))
                  .as("%s of %s", field, record)
                  .isBetween(0.0, Measure.NOISE_MS);
            }

            String after = "after-" + System.nanoTime();
            client.ask(Request.get("/hello").id(after));
            assertThat(byId(service, client, after).millis("pause_ns"))
                .isBetween(0.0, Measure.NOISE_MS);
          });
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_11", "NETTY_42"})
  void a_request_that_comes_during_a_collection_queues_for_as_long_as_it_pauses(Variant variant) {
    if (!Expect.kernel()) {
      return;
    }
    Service service = on(variant);
    try (RawClient collecting = service.connect();
        RawClient waiting = service.connect()) {
      collecting.ask(Request.get("/gc").id("warm"));
      waiting.ask(Request.get("/hello").id("warm"));
      Measure.untilQuiet(
          () -> {
            CompletableFuture<Response> collected =
                CompletableFuture.supplyAsync(
                    () -> collecting.ask(Request.get("/gc?mb=" + LIVING_MB).id("collecting")));
            String longest = null;
            double waitedMs = 0;
            while (!collected.isDone()) {
              String id = "waiting-" + System.nanoTime();
              long before = System.nanoTime();
              waiting.ask(Request.get("/hello").id(id));
              double waited = (System.nanoTime() - before) / 1e6;
              if (waited > waitedMs) {
                waitedMs = waited;
                longest = id;
              }
              Pause.millis(1);
            }
            LogRecord record = byId(service, waiting, longest);
            assertThat(waitedMs).as("met a collection, ms").isGreaterThan(PAUSE_MS_MIN);
            assertThat(record.millis("pause_ns"))
                .as("pause_ns of %s", record)
                .isBetween(waitedMs / 2, waitedMs + 1);
            double stood =
                record.millis("queue_ns")
                    + record.millis("dispatch_ns")
                    + record.millis("handler_ns");
            assertThat(stood)
                .as("what could not go on meanwhile, of %s", record)
                .isGreaterThan(record.millis("pause_ns") - 1);
            for (String field : List.of("receive_ns", "send_ns")) {
              assertThat(record.millis(field))
                  .as("%s of %s", field, record)
                  .isBetween(0.0, Measure.NOISE_MS);
            }
          });
    }
  }

  private static LogRecord byId(Service service, RawClient client, String id) {
    return service
        .records()
        .first(Records.of(client).and(record -> id.equals(record.text("request_id"))));
  }
}
