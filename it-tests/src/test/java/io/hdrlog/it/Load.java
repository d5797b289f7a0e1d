package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Response;
import io.hdrlog.it.harness.Service;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToLongFunction;

/** Many mixed requests over keep-alive connections, and what their records must say. */
final class Load {
  /** One request with its answer, as the client's socket saw them. */
  record Exchange(
      String id, Request request, Response response, long beforeNs, int clientPort, int number) {
    long waitedNs() {
      return response.lastNs() - beforeNs;
    }
  }

  private static final long CLOCKS_DIFFER_NS_MAX = 1_000_000;

  private final Service service;
  private final int connections;
  private final int requestsPerConnection;
  private final Map<String, Exchange> exchanges = new HashMap<>();

  private Load(Service service, int connections, int requestsPerConnection) {
    this.service = service;
    this.connections = connections;
    this.requestsPerConnection = requestsPerConnection;
  }

  static Load run(Service service, int connections, int requestsPerConnection) {
    Load load = new Load(service, connections, requestsPerConnection);
    load.send();
    return load;
  }

  private void send() {
    try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
      List<Future<List<Exchange>>> results = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        int connection = i;
        results.add(threads.submit(() -> converse(connection)));
      }
      for (Future<List<Exchange>> result : results) {
        for (Exchange exchange : result.get()) {
          exchanges.put(exchange.id, exchange);
        }
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private List<Exchange> converse(int connection) {
    List<Exchange> done = new ArrayList<>();
    try (RawClient client = service.connect()) {
      for (int n = 1; n <= requestsPerConnection; n++) {
        String id = "c" + connection + "-r" + n;
        Request request = request(connection, n).id(id);
        long before = System.nanoTime();
        Response response = client.ask(request);
        assertThat(response.status()).as("status of %s", id).isEqualTo(200);
        done.add(new Exchange(id, request, response, before, client.localPort(), n));
      }
    }
    return done;
  }

  private static Request request(int connection, int n) {
    Request request =
        switch (n % 4) {
          case 0 -> Request.post("/echo?n=" + n, "body ".repeat(n % 50 + 1));
          case 1 -> Request.get("/odd");
          default -> Request.get("/hello?c=" + connection + "&n=" + n);
        };
    request
        .header("User-Agent", "raw/1.0 (\"quoted\\\" \u00fcber, ok)")
        .header("Accept", "text/plain;q=0.9, */*;q=0.1")
        .header("X-MiXeD", "MiXeD " + n)
        .header("accept-LANGUAGE", "en");
    for (int i = 0; i < n % 12; i++) {
      request.header("X-Many-" + i % 5, "value " + i + " of " + n);
    }
    return request.header("Accept", "text/html").header("X-Empty", "");
  }

  /** Exactly one record for each request, with both streams, and each says what the client saw. */
  List<LogRecord> mustBeLogged() {
    List<LogRecord> records = service.records().await(exchanges.size());
    assertThat(records.size())
        .as("records; the agent's log: %s", service.agentLog())
        .isEqualTo(connections * requestsPerConnection);
    Set<String> ids = new HashSet<>();
    Map<Integer, Set<String>> connectionIds = new HashMap<>();
    for (LogRecord record : records) {
      String id = record.text("request_id");
      assertThat(ids.add(id)).as("request_id=%s comes once", id).isTrue();
      Exchange exchange = exchanges.get(id);
      assertThat(exchange).as("the request of %s", record).isNotNull();
      Expect.allStreams(record);
      compare(record, exchange);
      if (Expect.kernel()) {
        connectionIds
            .computeIfAbsent(exchange.clientPort, port -> new HashSet<>())
            .add(record.text("connection.id"));
      }
    }
    times(records);
    if (Expect.kernel()) {
      assertThat(connectionIds).hasSize(connections);
      Set<String> distinct = new HashSet<>();
      for (Set<String> ofOne : connectionIds.values()) {
        assertThat(ofOne).as("connection.id of one connection").hasSize(1).doesNotContainNull();
        distinct.addAll(ofOne);
      }
      assertThat(distinct).as("connection.id of all connections").hasSize(connections);
    }
    return records;
  }

  private void compare(LogRecord record, Exchange exchange) {
    Expect.sameHeaders(record, exchange.request, exchange.response);
    assertThat(record.outcome()).as("outcome of %s", record).isEqualTo("complete");
    assertThat(record.status()).isEqualTo(exchange.response.status());
    assertThat(record.text("event")).isEqualTo("http.server.request");
    assertThat(record.number("schema")).isEqualTo(1);
    assertThat(record.text("service.name")).isEqualTo(service.name());
    assertThat(record.number("process.pid")).isEqualTo(service.pid());
    assertThat(record.text("http.request.method")).isEqualTo(exchange.request.method());
    assertThat(record.text("network.peer.address")).isEqualTo("127.0.0.1");
    assertThat(record.number("network.peer.port")).isEqualTo(exchange.clientPort);
    assertThat(record.text("network.local.address")).isEqualTo("127.0.0.1");
    assertThat(record.number("network.local.port")).isEqualTo(service.port());
    assertThat(record.text("network.protocol.version")).isEqualTo("1.1");
    assertThat(record.text("url.scheme")).isEqualTo("http");
    assertThat(record.number("connection.request"))
        .as("connection.request of %s", record)
        .isEqualTo(exchange.number);
    assertThat(record.number("http.response.body.size"))
        .as("http.response.body.size of %s", record)
        .isEqualTo(exchange.response.body().length);
    assertThat(record.number("http.response.size"))
        .as("http.response.size of %s", record)
        .isEqualTo(exchange.response.wire().length);
    assertThat(record.number("http.request.size"))
        .as("http.request.size of %s", record)
        .isEqualTo(exchange.request.bytes().length);
    if (exchange.request.body().length > 0) {
      assertThat(record.number("http.request.body.size"))
          .as("http.request.body.size of %s", record)
          .isEqualTo(exchange.request.body().length);
    }
  }

  /**
   * No part may be longer than what the client waited, in all but a few: a thread may be taken off
   * its core just after it wrote, when the client has already read.
   */
  private void times(List<LogRecord> records) {
    within(records, "handler_ns", Exchange::waitedNs);
    if (!Expect.kernel()) {
      return;
    }
    for (String field : List.of("receive_ns", "queue_ns", "dispatch_ns", "send_ns")) {
      within(records, field, Exchange::waitedNs);
    }
    within(records, "first_byte_ns", exchange -> exchange.response.firstNs() - exchange.beforeNs);
    for (LogRecord record : records) {
      assertThat(record.number("timing.total_ns"))
          .as("total_ns of %s", record)
          .isGreaterThanOrEqualTo(
              record.number("timing.receive_ns")
                  + record.number("timing.first_byte_ns")
                  + record.number("timing.send_ns"));
    }
  }

  private void within(List<LogRecord> records, String field, ToLongFunction<Exchange> limit) {
    long[] excess = new long[records.size()];
    for (int i = 0; i < excess.length; i++) {
      LogRecord record = records.get(i);
      long value = record.number("timing." + field);
      assertThat(value).as("%s of %s", field, record).isNotNegative();
      excess[i] = value - limit.applyAsLong(exchanges.get(record.text("request_id")));
    }
    Arrays.sort(excess);
    assertThat(excess[excess.length / 2])
        .as("%s beyond what the client waited, at the median", field)
        .isLessThan(CLOCKS_DIFFER_NS_MAX);
  }
}
