package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Response;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.Variant;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * 100 connections, 20,000 requests, pipelined by 8: no time goes to another request. How long each
 * handler sleeps is coded in its URL, told by its own clock in its response, and found again in its
 * own record.
 */
class PipelinedIT {
  private static final int CONNECTIONS = 100;
  private static final int ROUNDS = 25;
  private static final int PIPELINED = 8;
  private static final int SLEEP_MS_MAX = 20;

  /** How far the wall clock, which timestamps are of, may drift against the monotonic one. */
  private static final long CLOCKS_DIFFER_NS_MAX = 2_000_000;

  private static final long MS = 1_000_000;

  /** Who answers, and so what handler_ns of a pipelined request holds besides its own sleep. */
  enum Mode {
    /** One request of a connection after the other, each entered when the one before is done. */
    TOMCAT(Variant.TOMCAT_11, "/sleep", "threads", "110"),
    TOMCAT_VIRTUAL(Variant.TOMCAT_11, "/sleep", "virtual", "true"),
    /** All handed on at once to the executor, which takes one after the other. */
    NETTY_EXECUTOR(Variant.NETTY_42, "/sleep", "executor", "100"),
    /** All at once, each on a thread of its own, answers in order. */
    NETTY_THREADS(Variant.NETTY_42, "/ordered", "threads", "2");

    final Variant variant;
    final String path;
    final String key;
    final String value;

    Mode(Variant variant, String path, String key, String value) {
      this.variant = variant;
      this.path = path;
      this.key = key;
      this.value = value;
    }

    /** The handler of a request is entered when that of the one before is done. */
    boolean enteredInTurn() {
      return variant.isTomcat();
    }
  }

  /** A request, and what its client saw. */
  private record Exchange(
      int connection,
      int number,
      int sleepMs,
      Request request,
      Response response,
      RawClient.Sent firstByte,
      RawClient.Sent headEnd) {
    long tookNs() {
      return Long.parseLong(response.header("X-Took-Ns"));
    }
  }

  /** A record's instants, on the client's clock. */
  private record Instants(long a, long h, long e, long x, long w, long z) {}

  @ParameterizedTest
  @EnumSource
  void every_sleep_is_found_in_its_own_record(Mode mode) {
    List<List<Exchange>> connections;
    List<LogRecord> records;
    long wallBehindNs = wallNs(Instant.now()) - System.nanoTime();
    // Whose time is whose is asked here, not what fits into the ring on a machine that is busy.
    try (Service service =
        Service.on(mode.variant).with(mode.key, mode.value).option("buffer", "64MB").start()) {
      connections = load(service, mode);
      service.stop();
      records = service.records().now();
      assertThat(service.agentLog()).doesNotContain("lost");
    }
    assertThat(records).hasSize(CONNECTIONS * ROUNDS * PIPELINED);
    Map<String, LogRecord> byId = new HashMap<>();
    for (LogRecord record : records) {
      assertThat(byId.put(record.text("request_id"), record)).as("%s comes once", record).isNull();
    }

    List<Long> excess = new ArrayList<>();
    List<Long> arrivalsLate = new ArrayList<>();
    for (List<Exchange> connection : connections) {
      check(mode, connection, byId, wallBehindNs, excess, arrivalsLate);
    }
    // The machine's noise is how much longer than asked the handlers, by their own clock, slept.
    long noise =
        median(
            connections.stream()
                .flatMap(List::stream)
                .map(exchange -> exchange.tookNs() - exchange.sleepMs * MS)
                .toList());
    // Where each has a thread of its own nothing can be told of one alone but that it slept.
    System.out.printf(
        "%s: handler_ns beyond the handler's own clock, us: median=%d p99=%d noise=%d%n",
        mode, median(excess) / 1_000, quantile(excess, 0.99) / 1_000, noise / 1_000);
    assertThat(median(excess))
        .as("handler_ns beyond the handler's own clock, noise %d ns", noise)
        .isLessThan(10 * MS + 8 * noise);
    if (Expect.kernel()) {
      assertThat(median(arrivalsLate))
          .as("arrival after the client's call that sent")
          .isLessThan(CLOCKS_DIFFER_NS_MAX + 8 * noise);
    }
  }

  private static List<List<Exchange>> load(Service service, Mode mode) {
    try (ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS)) {
      List<Future<List<Exchange>>> results = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        int connection = i;
        results.add(threads.submit(() -> converse(service, mode, connection)));
      }
      List<List<Exchange>> connections = new ArrayList<>();
      for (Future<List<Exchange>> result : results) {
        connections.add(result.get());
      }
      return connections;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static List<Exchange> converse(Service service, Mode mode, int connection) {
    List<Exchange> done = new ArrayList<>();
    try (RawClient client = service.connect()) {
      for (int round = 0; round < ROUNDS; round++) {
        List<Request> requests = new ArrayList<>();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int[] ends = new int[PIPELINED];
        for (int i = 0; i < PIPELINED; i++) {
          Request request = request(mode, connection, round * PIPELINED + i);
          requests.add(request);
          all.writeBytes(request.bytes());
          ends[i] = all.size();
        }
        byte[] bytes = all.toByteArray();
        // In one piece, or in two that meet anywhere, in the midst of a head as a rule.
        int split = round % 3 == 0 ? bytes.length : (connection * 131 + round * 977) % bytes.length;
        RawClient.Sent first = client.send(Arrays.copyOf(bytes, split));
        RawClient.Sent second =
            split == bytes.length
                ? first
                : client.send(Arrays.copyOfRange(bytes, split, bytes.length));
        for (int i = 0; i < PIPELINED; i++) {
          Response response = client.read("GET");
          assertThat(response.status()).isEqualTo(200);
          int start = i == 0 ? 0 : ends[i - 1];
          done.add(
              new Exchange(
                  connection,
                  round * PIPELINED + i,
                  sleepMs(connection, round * PIPELINED + i),
                  requests.get(i),
                  response,
                  start < split ? first : second,
                  ends[i] <= split ? first : second));
        }
      }
    }
    return done;
  }

  private static Request request(Mode mode, int connection, int number) {
    Request request =
        Request.get(mode.path + "?ms=" + sleepMs(connection, number) + "&n=" + number)
            .id(id(connection, number))
            .header("Accept", "text/plain");
    for (int i = 0; i < (connection + number) % 9; i++) {
      request.header("X-Many-" + i % 4, "value " + i);
    }
    return request;
  }

  private static String id(int connection, int number) {
    return "c" + connection + "-r" + number;
  }

  private static int sleepMs(int connection, int number) {
    return (connection * 7 + number * 13) % (SLEEP_MS_MAX + 1);
  }

  private static void check(
      Mode mode,
      List<Exchange> connection,
      Map<String, LogRecord> byId,
      long wallBehindNs,
      List<Long> excess,
      List<Long> arrivalsLate) {
    Instants before = null;
    long handlers = 0;
    long roundBegan = 0;
    long slept = 0;
    for (Exchange exchange : connection) {
      LogRecord record = byId.get(id(exchange.connection, exchange.number));
      same(record, exchange);
      long handler = record.number("timing.handler_ns");
      // Its own sleep at least, by the handler's own clock.
      assertThat(exchange.tookNs()).isGreaterThanOrEqualTo(exchange.sleepMs * MS);
      assertThat(handler).as("handler_ns of %s", record).isGreaterThan(exchange.tookNs());
      handlers += handler;
      if (mode.enteredInTurn()) {
        excess.add(handler - exchange.tookNs());
      }
      if (Expect.kernel()) {
        Instants now = instants(record, wallBehindNs);
        arrived(record, exchange, now, arrivalsLate);
        inTurn(mode, record, exchange, now, before, excess);
        before = now;
        if (exchange.number % PIPELINED == 0) {
          roundBegan = now.e;
          slept = 0;
        }
        slept =
            mode == Mode.NETTY_THREADS
                ? Math.max(slept, exchange.tookNs())
                : slept + exchange.tookNs();
        assertThat(now.x - roundBegan)
            .as("since the first of the pipelined was entered, until the end of %s", record)
            .isGreaterThan(slept - MS);
      }
    }
    if (mode.enteredInTurn()) {
      Exchange first = connection.get(0);
      Exchange last = connection.get(connection.size() - 1);
      assertThat(handlers)
          .as("the sum of a connection's handlers, against what its client saw")
          .isLessThan(last.response.lastNs() - first.firstByte.beforeNs());
    }
  }

  private static void same(LogRecord record, Exchange exchange) {
    assertThat(record).as("record of %s", id(exchange.connection, exchange.number)).isNotNull();
    Expect.allStreams(record);
    Expect.sameHeaders(record, exchange.request, exchange.response);
    assertThat(record.outcome()).isEqualTo("complete");
    assertThat(record.text("url.query"))
        .isEqualTo("ms=" + exchange.sleepMs + "&n=" + exchange.number);
    assertThat(record.number("connection.request")).isEqualTo(exchange.number + 1);
    assertThat(record.number("http.request.size")).isEqualTo(exchange.request.bytes().length);
    assertThat(record.number("http.response.size")).isEqualTo(exchange.response.wire().length);
  }

  private static Instants instants(LogRecord record, long wallBehindNs) {
    long a = wallNs(Instant.parse(record.text("timestamp"))) - wallBehindNs;
    long h = a + record.number("timing.receive_ns");
    long r = h + record.number("timing.queue_ns");
    long w = h + record.number("timing.first_byte_ns");
    long e = r + record.number("timing.dispatch_ns");
    return new Instants(
        a, h, e, e + record.number("timing.handler_ns"), w, w + record.number("timing.send_ns"));
  }

  private static long wallNs(Instant instant) {
    return instant.getEpochSecond() * 1_000_000_000 + instant.getNano();
  }

  /** The first byte and the last of the head arrived when the client sent just those. */
  private static void arrived(
      LogRecord record, Exchange exchange, Instants now, List<Long> arrivalsLate) {
    assertThat(now.a)
        .as("arrival of %s", record)
        .isGreaterThan(exchange.firstByte.beforeNs() - CLOCKS_DIFFER_NS_MAX);
    assertThat(now.h)
        .as("the head's arrival of %s", record)
        .isGreaterThan(exchange.headEnd.beforeNs() - CLOCKS_DIFFER_NS_MAX);
    arrivalsLate.add(now.h - exchange.headEnd.afterNs());
  }

  /** What each request does, it does after the one before it on the same connection. */
  private static void inTurn(
      Mode mode,
      LogRecord record,
      Exchange exchange,
      Instants now,
      Instants before,
      List<Long> excess) {
    assertThat(now.w).as("first byte of %s", record).isGreaterThanOrEqualTo(now.e);
    if (before == null) {
      return;
    }
    assertThat(now.a).as("arrival of %s", record).isGreaterThanOrEqualTo(before.a - MS);
    assertThat(now.w).as("first byte of %s", record).isGreaterThanOrEqualTo(before.z - MS);
    assertThat(now.x).as("end of handler of %s", record).isGreaterThanOrEqualTo(before.x - MS);
    if (mode == Mode.NETTY_THREADS) {
      return;
    }
    // It began when the one before was done, if it was there by then. That one was written on
    // another thread, so this is exact but for the time which that takes.
    if (!mode.enteredInTurn()) {
      excess.add(Math.abs(now.x - Math.max(before.x, now.e) - exchange.tookNs()));
    }
  }

  private static long median(List<Long> values) {
    return quantile(values, 0.5);
  }

  private static long quantile(List<Long> values, double share) {
    return values.isEmpty()
        ? 0
        : values.stream().sorted().toList().get((int) (values.size() * share));
  }
}
