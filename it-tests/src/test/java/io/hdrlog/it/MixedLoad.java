package io.hdrlog.it;

import io.hdrlog.it.harness.Pause;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Response;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/**
 * Requests of every shape at a modest rate, and which bytes of its connection each of them and its
 * response were. Ten to a turn: kept alive, with bodies, dribbled, pipelined, in chunks.
 */
final class MixedLoad {
  /** Where a request and its response stand in their connection's byte streams. */
  record Place(
      String id,
      int clientPort,
      int number,
      long rxStart,
      long rxHeadEnd,
      long txStart,
      long txEnd) {}

  static final int REQUESTS_PER_TURN = 10;
  private static final int BODY_BYTES_MAX = 200_000;
  private static final int CHUNK_BYTES = 10_000;
  private static final int PAUSE_MS_MAX = 80;
  private static final int DRIBBLED_PIECES = 4;
  private static final int DRIBBLE_MS = 5;

  private final RawClient client;
  private final String prefix;
  private final Random random;
  private final String padding;
  private final List<Place> places = new ArrayList<>();
  private int named;
  private long received;
  private long sent;

  private MixedLoad(RawClient client, String prefix, Random random, int paddingBytes) {
    this.client = client;
    this.prefix = prefix;
    this.random = random;
    this.padding = "p".repeat(paddingBytes);
  }

  /** On so many connections, to the end. */
  static List<Place> run(
      Supplier<RawClient> connect, String name, int connections, int turns, int paddingBytes) {
    List<Place> places = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
      List<Future<List<Place>>> results = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        int connection = i;
        results.add(threads.submit(() -> converse(connect, name, connection, turns, paddingBytes)));
      }
      for (Future<List<Place>> result : results) {
        places.addAll(result.get());
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return places;
  }

  private static List<Place> converse(
      Supplier<RawClient> connect, String name, int connection, int turns, int paddingBytes) {
    try (RawClient client = connect.get()) {
      MixedLoad load =
          new MixedLoad(
              client, name + "-c" + connection + "-", new Random(connection), paddingBytes);
      for (int turn = 0; turn < turns; turn++) {
        load.turn();
      }
      // The last acknowledgement may take its time.
      Pause.millis(100);
      return load.places;
    }
  }

  private void turn() {
    ask(1, Request.get("/hello"));
    ask(1, Request.post("/echo", body(BODY_BYTES_MAX)));
    ask(DRIBBLED_PIECES, Request.get("/hello?dribbled"));
    ask(1, Request.get("/chunked?ms=5"));
    ask(
        1,
        Request.get("/hello?pipelined"),
        Request.post("/echo", body(1_000)),
        Request.get("/sleep?ms=" + random.nextInt(5)),
        Request.get("/odd"));
    ask(1, Request.get("/big?bytes=" + random.nextInt(BODY_BYTES_MAX + 1)));
    ask(1, Request.chunked("/echo", body(BODY_BYTES_MAX), CHUNK_BYTES));
  }

  private String body(int bytesMax) {
    return "b".repeat(random.nextInt(bytesMax + 1));
  }

  /** Sends all at once, or in pieces, and reads the answers. */
  private void ask(int pieces, Request... requests) {
    Pause.millis(random.nextInt(PAUSE_MS_MAX));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (Request request : requests) {
      request.header("X-Padding", padding).id(prefix + ++named);
      bytes.writeBytes(request.bytes());
    }
    client.dribble(bytes.toByteArray(), pieces, DRIBBLE_MS);
    for (Request request : requests) {
      Response response = client.read(request.method());
      if (response.status() != 200) {
        throw new AssertionError("status=" + response.status() + " of " + request.method());
      }
      long rxStart = received;
      received += request.bytes().length;
      long txStart = sent;
      sent += response.wire().length;
      places.add(
          new Place(
              prefix + (places.size() + 1),
              client.localPort(),
              places.size() + 1,
              rxStart,
              rxStart + request.head().length,
              txStart,
              sent));
    }
  }
}
