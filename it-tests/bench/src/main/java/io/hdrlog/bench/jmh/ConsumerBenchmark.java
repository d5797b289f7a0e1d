package io.hdrlog.bench.jmh;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.merge.Correlator;
import io.hdrlog.core.merge.WireView;
import io.hdrlog.core.ring.ExchangeRing;
import java.io.IOException;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Everything that the consumer does to a record: out of the ring, merged with the kernel's report,
 * selected, masked, encoded, written. What the application's thread does (making the exchange,
 * publishing it) is in these figures, too; {@link #makeExchanges} and {@link RingBenchmark} show
 * it.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@Fork(1)
@Warmup(iterations = 20, time = 1)
@Measurement(iterations = 5, time = 1)
public class ConsumerBenchmark {
  /** About what comes while the consumer sleeps: one exchange on each connection. */
  private static final int BATCH = Sample.CONNECTIONS;

  private static final int WRITE_BATCH = 64;
  private static final long BACKLOG_BYTES = 32L << 20;

  private final Sample sample = new Sample();
  private final Exchange exchange = new Exchange();
  private final ExchangeRing ring = new ExchangeRing(8L << 20, new Counters());
  private Tail tail;
  private Correlator correlator;

  @Setup
  public void open() throws IOException {
    tail = new Tail();
    correlator = new Correlator(true, WireView.OFF, tail::record, new Counters(), BACKLOG_BYTES);
  }

  @TearDown
  public void close() throws IOException {
    tail.close();
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int publishAndConsume() {
    for (int i = 0; i < BATCH; i++) {
      sample.exchange(exchange);
      if (!ring.publish(exchange)) {
        throw new IllegalStateException("ring is full");
      }
      sample.journal(correlator);
    }
    ring.poll(correlator);
    while (correlator.write(WRITE_BATCH)) {
      ring.poll(correlator);
    }
    if (correlator.pendingCount() > 0) {
      throw new IllegalStateException("not merged: " + correlator.pendingCount());
    }
    return tail.batch.length();
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  public Object makeExchanges() {
    for (int i = 0; i < BATCH; i++) {
      sample.exchange(exchange);
      sample.skipJournal();
    }
    return exchange;
  }
}
