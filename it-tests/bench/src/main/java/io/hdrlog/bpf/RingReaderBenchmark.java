package io.hdrlog.bpf;

import io.hdrlog.core.kernel.MarkKind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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

/** Reports read where the kernel writes them: the reader is package-private, and so is this. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class RingReaderBenchmark implements RingReader.Records {
  private static final int RECORDS = 4096;
  private static final long PAGE = 4096;
  private static final int RECORD_BYTES = RingReader.HEADER_BYTES + EventLayout.EXCHANGE_BYTES;
  private static final MarkKind[] KINDS = MarkKind.values();

  private final JournalView journal = new JournalView();
  private Arena arena;
  private MemorySegment consumer;
  private MemorySegment producer;
  private long sum;

  @Setup
  @SuppressWarnings("MustBeClosedChecker") // by close()
  public void write() {
    arena = Arena.ofShared();
    consumer = arena.allocate(PAGE, PAGE);
    producer = arena.allocate(PAGE + BpfKernelSource.RING_BYTES, PAGE);
    for (int i = 0; i < RECORDS; i++) {
      long at = PAGE + (long) i * RECORD_BYTES;
      producer.set(ValueLayout.JAVA_INT, at, EventLayout.EXCHANGE_BYTES);
      long payload = at + RingReader.HEADER_BYTES;
      producer.set(ValueLayout.JAVA_INT, payload, EventLayout.TYPE_EXCHANGE);
      for (MarkKind kind : KINDS) {
        long count = payload + EventLayout.EXCHANGE_COUNT + 4L * kind.ordinal();
        producer.set(ValueLayout.JAVA_INT, count, kind == MarkKind.RETRANSMIT ? 0 : i + 1);
      }
    }
    producer.set(ValueLayout.JAVA_LONG, 0, (long) RECORDS * RECORD_BYTES);
  }

  @TearDown
  public void close() {
    arena.close();
  }

  /** What the correlator asks of a journal that brings one exchange. */
  @Override
  public void onRecord(ByteBuffer ring, int offset, int length) {
    if (!journal.moveTo(ring, offset, length, ring.getInt(offset))) {
      throw new IllegalStateException("no report of an exchange: length=" + length);
    }
    sum += journal.cookie() + journal.flags() + journal.remotePort() + journal.srttUs();
    for (MarkKind kind : KINDS) {
      int newest = journal.count(kind) - 1;
      if (newest >= 0) {
        sum += journal.markNs(kind, newest) + journal.markPosition(kind, newest);
      }
    }
  }

  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public long read() {
    consumer.set(ValueLayout.JAVA_LONG, 0, 0);
    RingReader reader =
        new RingReader(
            consumer.asByteBuffer().order(ByteOrder.nativeOrder()),
            producer.asByteBuffer().order(ByteOrder.nativeOrder()),
            (int) PAGE,
            (int) BpfKernelSource.RING_BYTES);
    if (reader.read(this, RECORDS) != RECORDS) {
      throw new IllegalStateException("not all were read");
    }
    return sum;
  }
}
