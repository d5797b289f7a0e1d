package io.hdrlog.bench.jmh;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.ring.ExchangeReceiver;
import io.hdrlog.core.ring.ExchangeRing;
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

/** An exchange through the ring: the copy in, on the application's thread, and the copy out. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class RingBenchmark {
  private static final int BATCH = 512;

  private final ExchangeRing ring = new ExchangeRing(8L << 20, new Counters());
  private final Exchange exchange = new Exchange();
  private final Receiver receiver = new Receiver();

  @Setup
  public void fill() {
    new Sample().exchange(exchange);
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  public long publishAndPoll() {
    for (int i = 0; i < BATCH; i++) {
      if (!ring.publish(exchange)) {
        throw new IllegalStateException("ring is full");
      }
    }
    ring.poll(receiver);
    return receiver.taken;
  }

  private static final class Receiver implements ExchangeReceiver {
    private final Exchange into = new Exchange();
    private long taken;

    @Override
    public Exchange claim() {
      return into;
    }

    @Override
    public void accept(Exchange exchange) {
      taken++;
    }
  }
}
