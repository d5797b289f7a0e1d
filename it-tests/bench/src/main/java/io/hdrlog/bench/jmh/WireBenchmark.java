package io.hdrlog.bench.jmh;

import io.hdrlog.bench.Headers;
import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.http.RequestIds;
import io.hdrlog.core.ring.WireReceiver;
import io.hdrlog.core.ring.WireRing;
import io.hdrlog.core.tap.SocketEnds;
import io.hdrlog.core.tap.TapOptions;
import io.hdrlog.core.tap.TapSink;
import io.hdrlog.core.tap.WireChannel;
import io.hdrlog.core.wire.WireExchanges;
import io.hdrlog.core.wire.WireSession;
import io.hdrlog.tap.Tap;
import java.io.FileDescriptor;
import java.net.SocketImpl;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What one request costs where its plaintext is watched: on the thread that reads and writes the
 * socket, ring included (and its emptying, which a consumer does), and what the consumer does to
 * make an exchange of it.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class WireBenchmark implements WireReceiver, WireExchanges {
  /** Requests between two looks at the ring. */
  private static final int BATCH = 256;

  private final byte[] request = Headers.request(1);
  private final byte[] response = Sample.RESPONSE_HEAD;
  private final byte[] body = new byte[Headers.BODY_BYTES];
  private final ByteBuffer received = ByteBuffer.allocateDirect(8_192);
  private final ByteBuffer sent = ByteBuffer.allocateDirect(8_192);
  private final Object socket = new Object();
  private final WireRing ring = new WireRing(8L << 20);
  private WireSession session;
  private final Exchange exchange = new Exchange();
  private long rx;
  private long tx;
  private long seen;

  /** What is measured knows its ends without asking. */
  private static final class NoEnds implements SocketEnds {
    @Override
    public void read(SocketImpl socket, Receiver to) {
      // Never called.
    }

    @Override
    public void read(FileDescriptor socket, Receiver to) {
      // Never called.
    }

    @Override
    public boolean isClosed(SocketImpl socket) {
      return false;
    }
  }

  @Setup
  public void open() {
    session = new WireSession(this, new Counters());
    RequestIds ids = new RequestIds("x-request-id", 0);
    TapSink sink =
        new TapSink(
            x -> true, ids::id, null, TapOptions.defaults(), new Counters(), new Tail.Silent());
    sink.watchWire(ring, new NoEnds());
    Tap.install(sink);
    Tap.wireAccepted(socket);
    received.put(request);
    sent.put(response).put(body);
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  public long tapAndRing() {
    for (int i = 0; i < BATCH; i++) {
      Tap.wireReceived(socket, received, request.length);
      Tap.wireSent(socket, sent, response.length + body.length);
    }
    while (ring.poll(this, 1_024)) {
      // Until it is empty.
    }
    return seen;
  }

  @Benchmark
  public long session() {
    session.received(request, 0, request.length, rx, rx + request.length, rx);
    rx += request.length;
    session.sent(response, 0, response.length, tx, tx + response.length, tx);
    tx += response.length;
    session.sent(body, 0, body.length, tx, tx + body.length, tx);
    tx += body.length;
    return seen;
  }

  @Override
  public void moved(
      WireChannel channel,
      boolean out,
      long position,
      byte[] bytes,
      int length,
      long wireStart,
      long wireEnd,
      long ns) {
    seen += length;
  }

  @Override
  public void closed(WireChannel channel, long ns) {
    seen++;
  }

  @Override
  public Exchange claim() {
    exchange.clear();
    return exchange;
  }

  @Override
  public void abandon(Exchange of) {
    seen++;
  }

  @Override
  public void finished(Exchange of) {
    seen += of.requestHeadLength;
  }
}
