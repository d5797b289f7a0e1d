package io.hdrlog.core.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.file.ManualClock;
import io.hdrlog.core.file.SystemCalls;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.health.MemoryAgentLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WrittenPagesTest {
  private static final int LINE_BYTES = 64 * 1024;
  private static final long WAIT_NS_MAX = TimeUnit.SECONDS.toNanos(20);

  @TempDir private Path temp;
  private final MemoryAgentLog log = new MemoryAgentLog();
  private final Calls calls = new Calls();

  /** One call: the descriptor and a part of its file. */
  private record Call(int descriptor, long from, long to) {}

  /** Notes what it is asked to do. */
  private static final class Calls implements SystemCalls {
    private final List<Path> opened = new ArrayList<>();
    private final List<Call> writtenBack = new ArrayList<>();
    private final List<Call> dropped = new ArrayList<>();
    private final List<Integer> closed = new ArrayList<>();
    private final List<Integer> niceValues = new ArrayList<>();
    private boolean failing;

    @Override
    public synchronized int open(Path file) throws IOException {
      if (failing) {
        throw new IOException("no descriptors");
      }
      opened.add(file);
      return opened.size();
    }

    @Override
    public synchronized void writeBack(int descriptor, long offset, long length) {
      writtenBack.add(new Call(descriptor, offset, offset + length));
    }

    @Override
    public synchronized void dropPages(int descriptor, long offset, long length) {
      dropped.add(new Call(descriptor, offset, offset + length));
    }

    @Override
    public synchronized void close(int descriptor) {
      closed.add(descriptor);
    }

    @Override
    public int niceOfProcess() {
      return 3;
    }

    @Override
    public synchronized boolean nice(int value) {
      niceValues.add(value);
      return true;
    }

    void await(Predicate<Calls> reached) {
      long start = System.nanoTime();
      while (true) {
        synchronized (this) {
          if (reached.test(this)) {
            return;
          }
          assertThat(System.nanoTime() - start)
              .as("%s %s %s %s", opened, writtenBack, dropped, closed)
              .isLessThan(WAIT_NS_MAX);
        }
        LockSupport.parkNanos(1_000_000);
      }
    }

    long writtenBackUntil(int descriptor) {
      long until = 0;
      for (Call call : writtenBack) {
        if (call.descriptor == descriptor) {
          assertThat(call.from).as("without a gap").isEqualTo(until);
          until = call.to;
        }
      }
      return until;
    }
  }

  private LogFile open(long rotateBytes) {
    LogFileOptions options = new LogFileOptions(temp, "orders", rotateBytes, 0, 5, 1L << 40, false);
    return new LogFile(options, new ManualClock(), new Counters(), log, () -> calls);
  }

  private static void write(LogFile file, long bytes) {
    byte[] line = new byte[LINE_BYTES];
    line[LINE_BYTES - 1] = '\n';
    for (long done = 0; done < bytes; done += LINE_BYTES) {
      file.write(line, 0, line.length, 1);
      file.flush();
    }
  }

  @Test
  void whatWasWrittenGoesToTheDiskAndAllButTheEndOutOfTheCache() {
    try (LogFile file = open(1L << 40)) {
      write(file, LINE_BYTES);
      write(file, 3 * WrittenPages.KEPT_BYTES);
      long size = 3 * WrittenPages.KEPT_BYTES;
      calls.await(c -> c.writtenBackUntil(1) > size - WrittenPages.STEP_BYTES);
      calls.await(
          c ->
              !c.dropped.isEmpty()
                  && c.dropped.get(c.dropped.size() - 1).to
                      == c.writtenBackUntil(1) - WrittenPages.KEPT_BYTES);
      assertThat(calls.opened).containsExactly(file.path());
      long until = 0;
      for (Call call : calls.dropped) {
        assertThat(call.from).as("without a gap").isBetween(0L, until);
        until = call.to;
      }
    }
    calls.await(c -> c.closed.equals(List.of(1)));
    assertThat(calls.niceValues)
        .as("the consumer started the thread, and may have gone first just then")
        .isNotEmpty()
        .containsOnly(calls.niceOfProcess());
  }

  @Test
  void eachFileHasADescriptorOfItsOwnWhichGoesWithIt() {
    try (LogFile file = open(2 * WrittenPages.STEP_BYTES)) {
      write(file, WrittenPages.STEP_BYTES + 2 * LINE_BYTES);
      calls.await(c -> c.opened.size() == 1);
      write(file, WrittenPages.STEP_BYTES);
      calls.await(c -> c.closed.equals(List.of(1)));
      write(file, WrittenPages.STEP_BYTES);
      calls.await(c -> c.writtenBackUntil(2) > 0);
    }
    calls.await(c -> c.closed.equals(List.of(1, 2)));
  }

  @Test
  void whereItDoesNotWorkRecordsAreWrittenAllTheSame() throws IOException {
    calls.failing = true;
    try (LogFile file = open(1L << 40)) {
      write(file, 3 * WrittenPages.STEP_BYTES);
      long start = System.nanoTime();
      while (log.lines.isEmpty() && System.nanoTime() - start < WAIT_NS_MAX) {
        LockSupport.parkNanos(1_000_000);
      }
      write(file, 3 * WrittenPages.STEP_BYTES);
      assertThat(file.path()).hasSize(6 * WrittenPages.STEP_BYTES);
    }
    assertThat(log.lines).singleElement().asString().contains("page cache", "no descriptors");
  }
}
