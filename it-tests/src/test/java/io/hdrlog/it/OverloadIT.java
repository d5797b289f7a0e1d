package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.Machine;
import io.hdrlog.it.harness.Project;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.Variant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * More requests than the consumer can write, because the disk is slow: the service goes on as it
 * was, memory has a bound, and what is missing is counted.
 */
class OverloadIT {
  private static final int CONNECTIONS = 8;
  private static final int WARM_MS = 3_000;
  private static final int LOAD_MS = 5_000;
  private static final double TIMES_WHAT_IS_WRITTEN = 4;

  /** The ring, and behind it four times as much again. */
  private static final long BUFFER_KB = 1_024;

  /**
   * The ring, four times as much that waits to be written, and what waits for the kernel or lies
   * spare.
   */
  private static final long MEMORY_KB_MAX = 7 * BUFFER_KB;

  /** What the service itself may hold more of than before. */
  private static final long OTHER_KB_MAX = 4 * 1_024;

  /** Other work on this machine moves throughput by as much; a wait for the disk would by more. */
  private static final double THROUGHPUT_MIN = 0.7;

  private static final int ATTEMPTS = 4;
  private static final Pattern LOST = Pattern.compile("lost\\.([a-z_]+)=(\\d+)");

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_11", "NETTY_42"})
  void what_cannot_be_written_is_dropped_and_counted(Variant variant, @TempDir Path dir)
      throws IOException {
    Path slow = dir.resolve("slow");
    try (Service service =
        Service.on(variant)
            .option("buffer", BUFFER_KB + "KB")
            .environment("LD_PRELOAD", slowDisk(dir).toString())
            .environment("SLOW_DISK", slow.toString())
            .start()) {
      long sent = Blast.at(service, CONNECTIONS, WARM_MS).requests();
      service.records().awaitCount((int) sent);
      long heapBefore = service.liveHeapKb();

      double worst = Double.MAX_VALUE;
      double ratio = 0;
      for (int attempt = 0; attempt < ATTEMPTS && ratio < THROUGHPUT_MIN; attempt++) {
        Blast.Result normal = Blast.at(service, CONNECTIONS, LOAD_MS / 2);
        int before = service.records().awaitCount((int) (sent + normal.requests()));
        Files.createFile(slow);
        Blast.Result overload = Blast.at(service, CONNECTIONS, LOAD_MS);
        int written = service.records().count() - before;
        long heap = service.liveHeapKb() - heapBefore;
        Files.delete(slow);
        sent += normal.requests() + overload.requests();
        ratio = overload.perSecond() / normal.perSecond();
        worst = Math.min(worst, (double) overload.requests() / written);
        System.out.printf(
            Locale.ROOT,
            "%s: sent=%d written_meanwhile=%d throughput_of_normal=%.2f live_heap_growth_kb=%d%n",
            variant,
            overload.requests(),
            written,
            ratio,
            heap);
        assertThat(heap).as("KiB that live").isLessThan(MEMORY_KB_MAX + OTHER_KB_MAX);
      }
      assertThat(worst).as("requests for one that is written").isGreaterThan(TIMES_WHAT_IS_WRITTEN);
      assertThat(ratio).as("throughput, of that with a fast disk").isGreaterThan(THROUGHPUT_MIN);

      // What waits is written now; the rest is what the log says is lost.
      int records = service.records().awaitCount((int) sent);
      service.stop();
      records = Math.max(records, service.records().count());
      long lost = lost(service.agentLog());
      assertThat(lost).as("lost records").isPositive();
      assertThat(records + lost).as("written=%s and lost=%s", records, lost).isEqualTo(sent);
    }
  }

  /** Of the summary, what stands for records: a record without the kernel's part is one. */
  private static long lost(String agentLog) {
    String summary = agentLog.substring(agentLog.lastIndexOf("summary written="));
    Matcher matcher = LOST.matcher(summary);
    long lost = 0;
    while (matcher.find()) {
      if (!matcher.group(1).startsWith("kernel_")) {
        lost += Long.parseLong(matcher.group(2));
      }
    }
    return lost;
  }

  private static Path slowDisk(Path dir) {
    Path library = dir.resolve("slow_disk.so");
    Machine.run(
        "cc",
        "-shared",
        "-fPIC",
        "-O2",
        "-Wall",
        "-Werror",
        "-o",
        library.toString(),
        Project.root().resolve("it-tests/src/test/c/slow_disk.c").toString(),
        "-ldl");
    return library;
  }
}
