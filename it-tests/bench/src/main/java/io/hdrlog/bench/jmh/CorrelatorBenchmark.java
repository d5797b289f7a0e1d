package io.hdrlog.bench.jmh;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.merge.Correlator;
import io.hdrlog.core.merge.WireView;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** An exchange joined with what the kernel noted of it; the copy into the correlator included. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class CorrelatorBenchmark {
  private static final long BACKLOG_BYTES = 32L << 20;

  private final Sample sample = new Sample();
  private final Exchange exchange = new Exchange();
  private long delivered;
  private final Correlator both =
      new Correlator(true, WireView.OFF, x -> delivered++, new Counters(), BACKLOG_BYTES);
  private final Correlator jvmOnly =
      new Correlator(false, WireView.OFF, x -> delivered++, new Counters(), BACKLOG_BYTES);

  /** The kernel's report first, as it comes when the consumer polls both. */
  @Benchmark
  public long bothStreams() {
    sample.exchange(exchange);
    sample.journal(both);
    Exchange claimed = both.claim();
    claimed.copyFrom(exchange);
    both.accept(claimed);
    both.write(1);
    return delivered;
  }

  @Benchmark
  public long jvmStream() {
    sample.exchange(exchange);
    sample.skipJournal();
    Exchange claimed = jvmOnly.claim();
    claimed.copyFrom(exchange);
    jvmOnly.accept(claimed);
    jvmOnly.write(1);
    return delivered;
  }
}
