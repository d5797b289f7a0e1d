package io.hdrlog.bench.jmh;

import io.hdrlog.core.exchange.Exchange;
import java.io.ByteArrayOutputStream;
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

/** Encoded records to the file, in the consumer's batches; rotation included, compression not. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class WriterBenchmark {
  private static final int RECORDS = 32;

  private byte[] lines;
  private Tail tail;

  @Setup
  public void encode() throws IOException {
    tail = new Tail();
    Sample sample = new Sample();
    Exchange exchange = new Exchange();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < RECORDS; i++) {
      sample.exchange(exchange);
      sample.skipJournal();
      int length = tail.encode(exchange);
      all.write(tail.batch.array(), 0, length);
    }
    lines = all.toByteArray();
  }

  @TearDown
  public void close() throws IOException {
    tail.close();
  }

  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public void write() {
    tail.file.write(lines, 0, lines.length, RECORDS);
    tail.file.flush();
  }
}
