package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.Header;
import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Response;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.TlsClient;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Random requests over several connections, cut anywhere, and what their records must say. */
final class WireLoad {
  private static final int CONNECTIONS = 10;
  private static final long SEED = 20_251_122;
  private static final long CLOCKS_DIFFER_NS_MAX = 1_000_000;

  private static final List<String> FROM_THE_KERNEL =
      List.of("receive_ns", "queue_ns", "first_byte_ns", "send_ns", "ack_ns", "total_ns");
  private static final List<String> FROM_THE_JVM = List.of("dispatch_ns", "handler_ns");
  private static final Set<String> UP_TO_THE_ACKNOWLEDGEMENT = Set.of("ack_ns", "total_ns");

  /** From so many on chance leaves nothing out of what is to be sent. */
  private static final int MANY = 1_000;

  /** One request with its answer, as the client's socket saw them. */
  record Exchange(
      String id,
      Request request,
      Response response,
      long beforeNs,
      int clientPort,
      int number,
      String cipher) {}

  private final Service service;
  private final Function<Service, RawClient> client;
  private final Map<String, Exchange> exchanges = new HashMap<>();
  private final Differences differ = new Differences();
  private UnaryOperator<String> view = UnaryOperator.identity();
  private boolean anyName = true;
  private boolean bigBlocks = true;

  private WireLoad(Service service, Function<Service, RawClient> client) {
    this.service = service;
    this.client = client;
  }

  static WireLoad on(Service service) {
    return new WireLoad(service, Service::connect);
  }

  static WireLoad on(Service service, TlsClient tls) {
    return new WireLoad(service, of -> RawClient.connect(of.port(), tls));
  }

  /** For servers that refuse some legal names. */
  WireLoad plainNames() {
    anyName = false;
    return this;
  }

  /** For servers whose limit for a block cannot be raised. */
  WireLoad smallBlocks() {
    bigBlocks = false;
    return this;
  }

  /** For servers that show values otherwise than they were sent, and how. */
  WireLoad shownAs(UnaryOperator<String> serversView) {
    view = serversView;
    return this;
  }

  WireLoad send(int requests) {
    try (ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS)) {
      List<Future<List<Exchange>>> results = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        int connection = i;
        results.add(threads.submit(() -> converse(connection, requests / CONNECTIONS)));
      }
      for (Future<List<Exchange>> result : results) {
        for (Exchange exchange : result.get()) {
          exchanges.put(exchange.id, exchange);
        }
      }
    } catch (ExecutionException e) {
      throw new AssertionError(service.output(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return this;
  }

  /** One small request for each place where it can be cut in two. */
  WireLoad cutEverywhere() {
    Request small = Request.get("/hello?x=1").header("X-A", "b").header("x-a", "c");
    int length = small.id("cut-000").head().length;
    try (RawClient of = client.apply(service)) {
      for (int i = 1; i < length; i++) {
        String id = "cut-%03d".formatted(i);
        Request request = Request.get("/hello?x=1").header("X-A", "b").header("x-a", "c").id(id);
        byte[] bytes = request.bytes();
        long before = System.nanoTime();
        of.send(Arrays.copyOf(bytes, i));
        of.send(Arrays.copyOfRange(bytes, i, length));
        keep(id, request, of, before, i);
      }
    }
    return this;
  }

  private void keep(String id, Request request, RawClient of, long before, int number) {
    Response response = of.read(request.method());
    assertThat(response.status()).as("status of %s", id).isEqualTo(200);
    String cipher = of.isSecure() ? of.session().getCipherSuite() : null;
    exchanges.put(id, new Exchange(id, request, response, before, of.localPort(), number, cipher));
  }

  private List<Exchange> converse(int connection, int requests) {
    List<Exchange> done = new ArrayList<>();
    RandomRequests random = new RandomRequests(SEED + connection, anyName, bigBlocks);
    try (RawClient of = client.apply(service)) {
      String cipher = of.isSecure() ? of.session().getCipherSuite() : null;
      for (int n = 1; n <= requests; n++) {
        String id = "c" + connection + "-r" + n;
        Request request = random.next().id(id);
        byte[] bytes = request.bytes();
        long before = System.nanoTime();
        int pieces = random.random().nextInt(3) == 0 ? 1 + random.random().nextInt(5) : 1;
        int from = 0;
        for (int i = 1; i < pieces && from < bytes.length - 1; i++) {
          int to = from + 1 + random.random().nextInt(bytes.length - from - 1);
          of.send(Arrays.copyOfRange(bytes, from, to));
          from = to;
        }
        of.send(Arrays.copyOfRange(bytes, from, bytes.length));
        Response response = of.read(request.method());
        assertThat(response.status()).as("status of %s: %s", id, response.text()).isEqualTo(200);
        done.add(new Exchange(id, request, response, before, of.localPort(), n, cipher));
      }
    }
    return done;
  }

  /** That the load is what it says it is: were it not, what follows would prove little. */
  private void mustHaveSentEverything() {
    Set<Character> names = new TreeSet<>();
    Set<Character> values = new TreeSet<>();
    int again = 0;
    int blocks = 0;
    for (Exchange exchange : exchanges.values()) {
      Set<String> seen = new HashSet<>();
      boolean twice = false;
      for (Header header : exchange.request.headers()) {
        header.name().chars().forEach(c -> names.add((char) c));
        header.value().chars().forEach(c -> values.add((char) c));
        twice |= !seen.add(header.name().toLowerCase(Locale.ROOT));
      }
      again += twice ? 1 : 0;
      blocks += exchange.request.head().length >= RandomRequests.BLOCK_BYTES ? 1 : 0;
    }
    if (anyName) {
      assertThat(names).as("characters of names").hasSize(RandomRequests.TOKEN.length());
    }
    // Every byte but the control characters, the tab excepted.
    assertThat(values).as("bytes of values").hasSize(256 - ' ' - 1 + 1);
    assertThat(again).as("requests with a name twice").isPositive();
    if (bigBlocks) {
      assertThat(blocks).as("blocks of 60 KiB").isPositive();
    }
  }

  int size() {
    return exchanges.size();
  }

  /**
   * Exactly one record each, and each says what the client sent and got. All that is wrong is
   * counted, so that a failure shows whether it is one record's or everyone's.
   */
  List<LogRecord> mustBeLogged(Set<String> sources) {
    if (exchanges.size() >= MANY) {
      mustHaveSentEverything();
    }
    List<LogRecord> records = service.records().await(exchanges.size());
    Map<String, LogRecord> byId = new HashMap<>();
    for (LogRecord record : records) {
      String id = record.text("request_id");
      differ.expect("request known", record, true, exchanges.containsKey(id));
      differ.expect("second record", record, null, byId.put(id, record));
    }
    for (String id : exchanges.keySet()) {
      differ.expect("record of", id, true, byId.containsKey(id));
    }
    byId.keySet().retainAll(exchanges.keySet());
    for (LogRecord record : byId.values()) {
      Exchange exchange = exchanges.get(record.text("request_id"));
      List<String> named = new ArrayList<>();
      record.at("headers.differ").forEach(name -> named.add(name.asText()));
      differ.expect("headers.differ", record, shownOtherwise(exchange.request), named);
      differ.expect("sources", record, new TreeSet<>(sources), new TreeSet<>(record.sources()));
      headers(record, "http.request.header", exchange.request.headers());
      headers(record, "http.response.header", exchange.response.headers());
      compare(record, exchange);
    }
    if (Expect.kernel()) {
      times(byId.values(), sources.contains("jvm"));
    }
    assertThat(differ.toString())
        .as("what is wrong with %s records; the agent's log: %s", records.size(), troubles())
        .isEmpty();
    return records;
  }

  /** What the agent says of itself that is no mere information. */
  private List<String> troubles() {
    return service.agentLog().lines().filter(line -> !line.contains(" info ")).toList();
  }

  /** In the order of the wire. */
  private List<String> shownOtherwise(Request request) {
    return request.headers().stream()
        .filter(header -> !view.apply(header.value()).equals(header.value()))
        .map(header -> "http.request.header." + header.name().toLowerCase(Locale.ROOT))
        .distinct()
        .toList();
  }

  private void headers(LogRecord record, String path, List<Header> wire) {
    Map<String, List<String>> expected = Header.asLogged(wire);
    Map<String, List<String>> logged = Expect.headers(record.at(path));
    differ.expect(
        "order of " + path, record, List.copyOf(expected.keySet()), List.copyOf(logged.keySet()));
    for (Map.Entry<String, List<String>> header : expected.entrySet()) {
      differ.expect(path, record, header.getValue(), logged.get(header.getKey()));
    }
  }

  private void compare(LogRecord record, Exchange exchange) {
    text(record, "outcome", "complete");
    text(record, "http.request.method", exchange.request.method());
    text(record, "network.peer.port", exchange.clientPort);
    text(record, "network.local.port", service.port());
    text(record, "network.protocol.version", "1.1");
    text(record, "connection.request", exchange.number);
    text(record, "http.response.status_code", exchange.response.status());
    text(record, "http.response.body.size", exchange.response.body().length);
    text(record, "http.response.size", exchange.response.wire().length);
    text(record, "http.request.size", exchange.request.bytes().length);
    text(record, "url.scheme", exchange.cipher == null ? "http" : "https");
    differ.expect("tls.cipher", record, exchange.cipher, record.text("tls.cipher"));
  }

  private void text(LogRecord record, String path, Object expected) {
    differ.expect(path, record, expected.toString(), record.text(path));
  }

  /** Present in every record, and at the median no longer than what the client waited. */
  private void times(Collection<LogRecord> records, boolean instrumented) {
    int withoutAccept = 0;
    for (LogRecord record : records) {
      boolean first = exchanges.get(record.text("request_id")).number == 1;
      boolean accepted = record.has("timing.accept_ns");
      differ.expect("accept_ns of a later request", record, false, accepted && !first);
      withoutAccept += first && !accepted ? 1 : 0;
    }
    // A server may have waited in its first accept() since before there was a hook on it.
    differ.expect("accept_ns is there but once", withoutAccept, true, withoutAccept <= 1);
    List<String> fields = new ArrayList<>(FROM_THE_KERNEL);
    if (instrumented) {
      fields.addAll(FROM_THE_JVM);
    }
    for (String field : fields) {
      List<Long> excess = new ArrayList<>();
      for (LogRecord record : records) {
        long value = record.optionalNumber("timing." + field).orElse(-1L);
        differ.expect(field + " is there", record, true, value >= 0);
        Exchange exchange = exchanges.get(record.text("request_id"));
        boolean first = field.equals("first_byte_ns");
        long end = first ? exchange.response.firstNs() : exchange.response.lastNs();
        excess.add(value - (end - exchange.beforeNs));
      }
      excess.sort(null);
      // The last acknowledgement may take its time: a delayed one is no part of what was waited.
      if (!UP_TO_THE_ACKNOWLEDGEMENT.contains(field) && !excess.isEmpty()) {
        long median = excess.get(excess.size() / 2);
        differ.expect(
            field + " within what the client waited", median, true, median < CLOCKS_DIFFER_NS_MAX);
      }
    }
  }
}
