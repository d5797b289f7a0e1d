package io.hdrlog.bench.load;

import io.hdrlog.bench.Headers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;

/**
 * Sends requests at the times of a schedule made beforehand, whatever the service does, and takes
 * each latency from the time the schedule named: a request that could not be sent because all
 * connections waited counts its wait. Arrivals are Poisson with a fixed seed, the same for every
 * variant. One thread polls the few sockets that wait for an answer; a selector would add its own
 * microseconds.
 *
 * <p>Arguments: port, requests a second, seconds to warm up, seconds to measure, connections.
 */
public final class OpenLoop {
  private static final long HIGHEST_NS = 60_000_000_000L;
  private static final long GRACE_NS = 5_000_000_000L;

  private final Histogram latencies = new Histogram(HIGHEST_NS, 3);
  private final ArrayDeque<Connection> idle = new ArrayDeque<>();
  private final Connection[] waiting;
  private int waitingCount;
  private long completed;
  private long recordFromNs;

  private OpenLoop(int port, int connections) throws IOException {
    waiting = new Connection[connections];
    for (int i = 0; i < connections; i++) {
      idle.add(new Connection(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
    }
  }

  public static void main(String[] args) throws IOException {
    int port = Integer.parseInt(args[0]);
    double ratePerSecond = Double.parseDouble(args[1]);
    double warmSeconds = Double.parseDouble(args[2]);
    double seconds = Double.parseDouble(args[3]);
    OpenLoop loop = new OpenLoop(port, Integer.parseInt(args[4]));
    boolean drained = loop.run(ratePerSecond, warmSeconds, seconds);
    Histogram h = loop.latencies;
    System.out.printf(
        "completed %d recorded %d p50 %d p99 %d p999 %d max %d drained %b%n",
        loop.completed,
        h.getTotalCount(),
        h.getValueAtPercentile(50),
        h.getValueAtPercentile(99),
        h.getValueAtPercentile(99.9),
        h.getMaxValue(),
        drained);
  }

  private boolean run(double ratePerSecond, double warmSeconds, double seconds) throws IOException {
    SplittableRandom random = new SplittableRandom(4711);
    double meanNs = 1e9 / ratePerSecond;
    long startNs = System.nanoTime() + 1_000_000;
    recordFromNs = startNs + (long) (warmSeconds * 1e9);
    long endNs = recordFromNs + (long) (seconds * 1e9);
    double dueNs = 0;
    while (true) {
      long now = System.nanoTime();
      while (startNs + (long) dueNs <= now && startNs + (long) dueNs < endNs && !idle.isEmpty()) {
        Connection connection = idle.poll();
        connection.send(startNs + (long) dueNs);
        waiting[waitingCount++] = connection;
        dueNs += -Math.log(1 - random.nextDouble()) * meanNs;
      }
      receive();
      if (startNs + (long) dueNs >= endNs && waitingCount == 0) {
        return true;
      }
      if (now > endNs + GRACE_NS) {
        return false;
      }
    }
  }

  private void receive() throws IOException {
    for (int i = 0; i < waitingCount; ) {
      Connection connection = waiting[i];
      if (connection.receive()) {
        completed++;
        if (connection.intendedNs >= recordFromNs) {
          latencies.recordValue(Math.min(HIGHEST_NS, System.nanoTime() - connection.intendedNs));
        }
        waiting[i] = waiting[--waitingCount];
        idle.add(connection);
      } else {
        i++;
      }
    }
  }

  private static final class Connection {
    private static final int REQUESTS = 64;
    private static final byte[] STATUS = "HTTP/1.1 200".getBytes(StandardCharsets.US_ASCII);

    private final SocketChannel channel;
    private final ByteBuffer[] requests = new ByteBuffer[REQUESTS];
    private final ByteBuffer response = ByteBuffer.allocateDirect(16 * 1024);
    private long intendedNs;
    private int sent;

    Connection(InetSocketAddress address) throws IOException {
      channel = SocketChannel.open(address);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
      for (int i = 0; i < REQUESTS; i++) {
        byte[] bytes = Headers.request(i);
        requests[i] = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
      }
    }

    void send(long intended) throws IOException {
      intendedNs = intended;
      response.clear();
      ByteBuffer request = requests[sent++ % REQUESTS].rewind();
      while (request.hasRemaining()) {
        channel.write(request);
      }
    }

    /** True when the response is complete: its head and the body that every response has. */
    boolean receive() throws IOException {
      int read = channel.read(response);
      if (read < 0) {
        throw new IOException("connection closed by the service after " + response.position());
      }
      if (read == 0) {
        return false;
      }
      int bodyAt = response.position() - Headers.BODY_BYTES;
      boolean complete =
          bodyAt >= 4
              && response.get(bodyAt - 1) == '\n'
              && response.get(bodyAt - 2) == '\r'
              && response.get(bodyAt - 3) == '\n';
      if (complete) {
        checkStatus();
      }
      return complete;
    }

    private void checkStatus() throws IOException {
      for (int i = 0; i < STATUS.length; i++) {
        if (response.get(i) != STATUS[i]) {
          throw new IOException("not a 200");
        }
      }
    }
  }
}
