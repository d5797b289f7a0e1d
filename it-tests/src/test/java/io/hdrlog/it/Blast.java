package io.hdrlog.it;

import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Service;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * As many requests as the service takes, pipelined on a few connections. Every request sent is
 * answered, so that their number is the number of records there must be.
 */
final class Blast {
  private static final int PIPELINED = 16;
  private static final int TIMEOUT_MS = 30_000;
  private static final byte[] GET =
      String.join(
              "\r\n",
              "GET /hello HTTP/1.1",
              "Host: localhost",
              "User-Agent: blast/1.0",
              "Accept: text/html, */*;q=0.1",
              "Accept-Language: en",
              "",
              "")
          .getBytes(StandardCharsets.US_ASCII);

  /** Requests answered, and how long that took. */
  record Result(long requests, double seconds) {
    double perSecond() {
      return requests / seconds;
    }
  }

  private Blast() {}

  /** For that long, over so many connections. */
  static Result at(Service service, int connections, int millis) {
    byte[] burst = new byte[GET.length * PIPELINED];
    for (int i = 0; i < PIPELINED; i++) {
      System.arraycopy(GET, 0, burst, i * GET.length, GET.length);
    }
    int length;
    try (RawClient client = service.connect()) {
      client.send(GET);
      length = client.read("GET").wire().length;
    }
    long began = System.nanoTime();
    long end = began + millis * 1_000_000L;
    long requests = 1;
    try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
      List<Future<Long>> results = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        results.add(threads.submit(() -> converse(service.port(), burst, length, end)));
      }
      for (Future<Long> result : results) {
        requests += result.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return new Result(requests, (System.nanoTime() - began) / 1e9);
  }

  private static long converse(int port, byte[] burst, int responseBytes, long end)
      throws IOException {
    long requests = 0;
    byte[] buffer = new byte[64 * 1024];
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(TIMEOUT_MS);
      InputStream in = socket.getInputStream();
      while (System.nanoTime() < end) {
        socket.getOutputStream().write(burst);
        for (int left = responseBytes * PIPELINED; left > 0; ) {
          int read = in.read(buffer, 0, Math.min(left, buffer.length));
          if (read < 0) {
            throw new EOFException("closed with answers missing: bytes=" + left);
          }
          left -= read;
        }
        requests += PIPELINED;
      }
    }
    return requests;
  }
}
