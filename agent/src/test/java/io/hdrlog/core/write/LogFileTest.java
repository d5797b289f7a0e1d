package io.hdrlog.core.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hdrlog.core.file.ClaimedFile;
import io.hdrlog.core.file.ManualClock;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.health.LossReason;
import io.hdrlog.core.health.MemoryAgentLog;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogFileTest {
  private static final long PID = ProcessHandle.current().pid();
  private static final long DAY_NS = TimeUnit.DAYS.toNanos(1);

  private final ManualClock clock = new ManualClock();
  private final Counters counters = new Counters();
  private final MemoryAgentLog log = new MemoryAgentLog();
  private final List<LogFile> opened = new ArrayList<>();

  @TempDir Path temp;

  @AfterEach
  void closeAll() {
    opened.forEach(LogFile::close);
  }

  private LogFile open(Path dir, long sizeBytes, int keep, long total, boolean compress) {
    LogFileOptions options =
        new LogFileOptions(dir, "orders", sizeBytes, DAY_NS, keep, total, compress);
    LogFile file = new LogFile(options, clock, counters, log);
    opened.add(file);
    return file;
  }

  private LogFile open() {
    return open(temp, 1 << 20, 5, 1 << 30, false);
  }

  private static void write(LogFile file, String... lines) {
    for (String line : lines) {
      byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
      file.write(bytes, 0, bytes.length, 1);
    }
  }

  private Path active() {
    return temp.resolve("orders.jsonl");
  }

  private List<String> closed() throws IOException {
    List<String> names = new ArrayList<>();
    try (Stream<Path> files = Files.list(temp)) {
      files.forEach(
          path -> {
            String name = path.getFileName().toString();
            if (FileNames.closedOrder("orders", name) != null) {
              names.add(name);
            }
          });
    }
    Collections.sort(names);
    return names;
  }

  private List<String> namesIn(Path dir) throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void recordsAreInTheFileAfterAFlush() throws IOException {
    Path dir = temp.resolve("made/if/missing");
    LogFile file = open(dir, 1 << 20, 5, 1 << 30, false);
    write(file, "a", "b");
    file.flush();
    assertThat(Files.readString(dir.resolve("orders.jsonl"))).isEqualTo("a\nb\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.path())))
        .isEqualTo("rw-r-----");
    assertThat(counters.written()).isEqualTo(2);
    assertThat(log.lines).isEmpty();
  }

  @Test
  void manyRecordsAreWrittenWithFewCalls() {
    LogFile file = open(temp, 1L << 30, 5, 1L << 30, false);
    byte[] line = ("x".repeat(999) + "\n").getBytes(StandardCharsets.UTF_8);
    file.flush();
    int fit = LogFile.BUFFER_BYTES / line.length;
    for (int i = 0; i < fit; i++) {
      file.write(line, 0, line.length, 1);
    }
    assertThat(active()).hasSize(0);
    file.write(line, 0, line.length, 1);
    assertThat(active()).hasSize(fit * 1000L);
    file.flush();
    assertThat(active()).hasSize((fit + 1) * 1000L);
    assertThat(counters.written()).isEqualTo(fit + 1);
  }

  @Test
  void aRecordLargerThanTheBufferIsWritten() {
    LogFile file = open(temp, 1L << 30, 5, 1L << 30, false);
    write(file, "a", "x".repeat(1_000_000), "b");
    file.flush();
    assertThat(active()).hasSize(1_000_005);
    assertThat(counters.written()).isEqualTo(3);
  }

  @Test
  void noFileGrowsBeyondItsLimitUnlessOneRecordDoes() throws Exception {
    LogFile file = open(temp, 4096, 1000, 1 << 30, false);
    for (int i = 0; i < 500; i++) {
      write(file, "r" + i + "x".repeat(i % 97));
    }
    write(file, "y".repeat(5000), "z");
    file.flush();
    assertThat(file.awaitHousekeeping(5000)).isTrue();
    List<String> names = closed();
    assertThat(names).hasSizeGreaterThan(5).contains("orders-20261122T180000Z-1.jsonl");
    long lines = 0;
    int large = 0;
    for (String name : names) {
      String content = Files.readString(temp.resolve(name));
      assertThat(content).endsWith("\n");
      lines += content.lines().count();
      large += content.length() > 4096 ? 1 : 0;
    }
    assertThat(large).isEqualTo(1);
    assertThat(Files.readString(active())).isEqualTo("z\n");
    assertThat(lines + 1).isEqualTo(502);
    assertThat(counters.written()).isEqualTo(502);
  }

  @Test
  void aFileIsClosedByItsAgeAlsoWhenNothingComes() throws Exception {
    LogFile file = open();
    file.flush();
    clock.advanceMs(TimeUnit.DAYS.toMillis(3));
    file.flush();
    assertThat(closed()).as("an empty file has no age").isEmpty();
    write(file, "a");
    file.flush();
    clock.advanceMs(TimeUnit.DAYS.toMillis(1) - 1);
    file.flush();
    assertThat(closed()).isEmpty();
    clock.advanceMs(1001);
    file.flush();
    assertThat(closed()).containsExactly("orders-20261126T180001Z-1.jsonl");
    assertThat(active()).hasSize(0);
  }

  @Test
  void aFileFromBeforeTheStartIsAsOldAsItsFirstRecord() throws Exception {
    Files.writeString(
        active(), "{\"schema\":1,\"timestamp\":\"2026-11-21T17:00:00.000000001Z\",\"x\":1}\n");
    LogFile file = open();
    file.flush();
    assertThat(closed()).isEmpty();
    clock.advanceMs(1001);
    file.flush();
    assertThat(closed()).hasSize(1);
  }

  @Test
  void closedFilesAreCompressedWhole() throws Exception {
    LogFile file = open(temp, 4096, 100, 1 << 30, true);
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      write(file, "record " + i + " padding");
      all.append("record ").append(i).append(" padding\n");
    }
    file.flush();
    assertThat(file.awaitHousekeeping(5000)).isTrue();
    StringBuilder read = new StringBuilder();
    List<String> names = closed();
    names.sort(
        (a, b) -> FileNames.closedOrder("orders", a).compareTo(FileNames.closedOrder("orders", b)));
    for (String name : names) {
      assertThat(name).endsWith(".jsonl.gz");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(temp.resolve(name))))
          .isEqualTo("rw-r-----");
      try (InputStream in = new GZIPInputStream(Files.newInputStream(temp.resolve(name)))) {
        read.append(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    assertThat(read + Files.readString(active())).isEqualTo(all.toString());
    assertThat(namesIn(temp)).noneMatch(name -> name.endsWith(".tmp"));
  }

  @Test
  void onlySoManyClosedFilesAreKept() throws Exception {
    LogFile file = open(temp, 4096, 3, 1 << 30, false);
    Path foreign = temp.resolve("orders-eu-20200101T000000Z-1.jsonl");
    Files.writeString(foreign, "of another service\n");
    for (int i = 0; i < 10; i++) {
      write(file, i + "x".repeat(4000));
      file.flush();
      clock.advanceMs(1000);
    }
    assertThat(file.awaitHousekeeping(5000)).isTrue();
    assertThat(closed())
        .containsExactly(
            "orders-20261122T180007Z-1.jsonl",
            "orders-20261122T180008Z-1.jsonl",
            "orders-20261122T180009Z-1.jsonl");
    assertThat(foreign).exists();
  }

  @Test
  void filesClosedInOneSecondAreStillInOrder() throws Exception {
    LogFile file = open(temp, 4096, 2, 1 << 30, false);
    for (int i = 0; i < 20; i++) {
      write(file, i + "x".repeat(4000));
      file.flush();
      assertThat(file.awaitHousekeeping(5000)).isTrue();
    }
    assertThat(closed())
        .containsExactly("orders-20261122T180000Z-18.jsonl", "orders-20261122T180000Z-19.jsonl");
  }

  @Test
  void onlySoManyBytesAreKept() throws Exception {
    LogFile file = open(temp, 4096, 100, 9000, false);
    for (int i = 0; i < 10; i++) {
      write(file, i + "x".repeat(3998));
      file.flush();
      clock.advanceMs(1000);
    }
    assertThat(file.awaitHousekeeping(5000)).isTrue();
    assertThat(closed()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "half", "a\n", "a\nb\n{\"half\":", "\n"})
  void theTailThatAKillLeftIsRepaired(String content) throws Exception {
    Files.writeString(active(), content);
    LogFile file = open();
    write(file, "new");
    file.flush();
    int full = content.lastIndexOf('\n') + 1;
    assertThat(Files.readString(active())).isEqualTo(content.substring(0, full) + "new\n");
    if (full < content.length()) {
      assertThat(log.lines)
          .containsExactly(
              "warn file ended in half a line, which was cut: file="
                  + active()
                  + " bytes="
                  + (content.length() - full));
    } else {
      assertThat(log.lines).isEmpty();
    }
  }

  @Test
  void aLongHalfLineIsRepairedToo() throws Exception {
    Files.writeString(active(), "first\n" + "\0".repeat(200_000));
    LogFile file = open();
    file.flush();
    assertThat(Files.readString(active())).isEqualTo("first\n");
  }

  @Test
  void whatAKilledProcessLeftIsFinishedByTheNext() throws Exception {
    String dead = "99999999";
    Files.writeString(temp.resolve("orders-20261121T000000Z-1.jsonl"), "a\n");
    Files.writeString(temp.resolve("orders-20261121T000000Z-1.jsonl.gz." + dead + ".tmp"), "x");
    Files.writeString(temp.resolve("orders-20261120T000000Z-1.jsonl.gz." + PID + ".tmp"), "x");
    Files.writeString(temp.resolve("orders-pid" + dead + ".jsonl"), "b\nhalf");
    Files.writeString(temp.resolve("orders-pid" + dead + "1.jsonl"), "");
    LogFile file = open(temp, 4096, 100, 1 << 30, true);
    file.flush();
    clock.advanceMs(2001);
    file.flush();
    assertThat(file.awaitHousekeeping(5000)).isTrue();
    assertThat(namesIn(temp))
        .hasSize(3)
        .contains("orders.jsonl", "orders-20261121T000000Z-1.jsonl.gz")
        .anyMatch(name -> name.startsWith("orders-pid" + dead + "-") && name.endsWith(".gz"));
  }

  @Test
  void twoWritersNeverShareAFile() throws Exception {
    LogFile first = open();
    write(first, "first");
    first.flush();
    LogFile second = open();
    write(second, "second");
    second.flush();
    LogFile third = open();
    write(third, "third");
    third.flush();
    assertThat(Files.readString(active())).isEqualTo("first\n");
    assertThat(Files.readString(temp.resolve("orders-pid" + PID + ".jsonl"))).isEqualTo("second\n");
    assertThat(Files.readString(temp.resolve("orders-pid" + PID + ".2.jsonl")))
        .isEqualTo("third\n");
    // What is being written must survive the first one's sweep.
    clock.advanceMs(2001);
    first.flush();
    assertThat(first.awaitHousekeeping(5000)).isTrue();
    assertThat(namesIn(temp)).hasSize(3);
  }

  @Test
  void anotherProcessFindsTheFileTaken() throws Exception {
    LogFile first = open();
    write(first, "first");
    first.flush();
    // A second attempt in this JVM must not cost the first its lock.
    LogFile second = open();
    second.flush();
    second.close();
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                OtherWriter.class.getName(),
                temp.toString())
            .inheritIO()
            .start();
    assertThat(other.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(other.exitValue()).isZero();
    assertThat(Files.readString(active())).isEqualTo("first\n");
    assertThat(Files.readString(temp.resolve("orders-pid" + other.pid() + ".jsonl")))
        .isEqualTo("other\n");
  }

  /** Another JVM with the same service and folder. */
  static final class OtherWriter {
    private OtherWriter() {}

    public static void main(String[] args) {
      LogFileOptions options =
          new LogFileOptions(Path.of(args[0]), "orders", 1 << 20, 0, 5, 1 << 30, false);
      try (LogFile file =
          new LogFile(options, new ManualClock(), new Counters(), new MemoryAgentLog())) {
        write(file, "other");
      }
    }
  }

  @Test
  void aFileThatWasMovedOrDeletedIsMadeAnew() throws Exception {
    LogFile file = open();
    write(file, "a");
    file.flush();
    Files.move(active(), temp.resolve("moved"));
    clock.advanceMs(1001);
    write(file, "b");
    file.flush();
    assertThat(Files.readString(active())).isEqualTo("b\n");
    assertThat(Files.readString(temp.resolve("moved"))).isEqualTo("a\n");
    Files.delete(active());
    clock.advanceMs(1001);
    write(file, "c");
    file.flush();
    assertThat(Files.readString(active())).isEqualTo("c\n");
    assertThat(log.lines).hasSize(2).allMatch(line -> line.contains("moved or deleted"));
  }

  @Test
  void aFileThatWasTruncatedUnderUsHasNoHole() throws Exception {
    LogFile file = open();
    write(file, "a".repeat(100));
    file.flush();
    Files.write(active(), new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
    write(file, "b");
    file.flush();
    assertThat(Files.readString(active())).isEqualTo("b\n");
  }

  @Test
  void aFolderThatCannotBeMadeCostsRecordsOnlyAndTheyResume() throws Exception {
    Path inTheWay = temp.resolve("logs");
    Files.writeString(inTheWay, "a file");
    LogFile file = open(inTheWay, 4 << 20, 5, 1 << 30, false);
    write(file, "a");
    file.flush();
    for (int i = 0; i < 10; i++) {
      clock.advanceMs(1001);
      file.flush();
    }
    // Two fit behind what is there, two do not.
    String filler = "x".repeat(LogFile.BUFFER_BYTES / 5 * 2);
    write(file, filler, filler, filler, filler);
    assertThat(counters.losses(LossReason.WRITE_FAILED)).isEqualTo(2);
    Files.delete(inTheWay);
    clock.advanceMs(1001);
    write(file, "b");
    file.flush();
    assertThat(Files.readAllLines(inTheWay.resolve("orders.jsonl")))
        .containsExactly("a", filler, filler, "b");
    assertThat(counters.written()).isEqualTo(4);
    assertThat(log.lines).hasSize(2);
    assertThat(log.lines.get(0)).startsWith("error records cannot be written").contains("reason=");
    assertThat(log.lines.get(1)).startsWith("info records are written again").endsWith("lost=2");
  }

  @Test
  void whatIsInTheBufferAtTheEndIsTriedOnceMoreAndThenCounted() throws Exception {
    Path inTheWay = temp.resolve("logs");
    Files.writeString(inTheWay, "a file");
    LogFile file = open(inTheWay, 4 << 20, 5, 1 << 30, false);
    write(file, "a", "b");
    file.flush();
    assertThat(counters.losses(LossReason.WRITE_FAILED)).isZero();
    file.settle();
    assertThat(counters.losses(LossReason.WRITE_FAILED)).isEqualTo(2);
    write(file, "c");
    Files.delete(inTheWay);
    // Without a second's wait: there is no later.
    file.settle();
    assertThat(Files.readAllLines(inTheWay.resolve("orders.jsonl"))).containsExactly("c");
    assertThat(counters.losses(LossReason.WRITE_FAILED)).isEqualTo(2);
    assertThat(counters.written()).isEqualTo(1);
  }

  @Test
  void whatComesAfterTheEndIsCountedAsLost() throws Exception {
    LogFile file = open();
    write(file, "a");
    file.close();
    write(file, "b");
    file.flush();
    file.close();
    assertThat(Files.readString(active())).isEqualTo("a\n");
    assertThat(counters.losses(LossReason.WRITE_FAILED)).isEqualTo(1);
  }

  @Test
  void aLinkToAFolderIsAFolder() throws Exception {
    Path link = temp.resolve("link");
    Files.createSymbolicLink(link, Files.createDirectory(temp.resolve("folder")));
    LogFile file = open(link, 1 << 20, 5, 1 << 30, false);
    write(file, "a");
    file.flush();
    assertThat(temp.resolve("folder/orders.jsonl")).hasContent("a");
  }

  @Test
  void anInterruptedConsumerLosesNothing() throws Exception {
    LogFile file = open();
    write(file, "a");
    file.flush();
    Thread.currentThread().interrupt();
    write(file, "b");
    file.flush();
    clock.advanceMs(1001);
    file.flush();
    assertThat(Thread.interrupted()).isFalse();
    assertThat(Files.readString(active())).isEqualTo("a\nb\n");
    assertThat(counters.losses(LossReason.WRITE_FAILED)).isZero();
  }

  @Test
  void aFullDiskCostsRecordsOnlyNeverHalfALineAndTheyResume() throws Exception {
    assumeTrue(
        "root".equals(System.getProperty("user.name")),
        "skipped: mounting a small tmpfs needs root");
    Path disk = Files.createDirectory(temp.resolve("disk"));
    assertThat(exec("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk.toString())).isZero();
    try {
      Path ballast = disk.resolve("ballast");
      Files.write(ballast, new byte[128 * 1024]);
      LogFile file = open(disk, 1 << 20, 5, 1 << 30, false);
      int sent = 0;
      for (; sent < 3000; sent++) {
        write(file, sent + " " + "x".repeat(995));
        if (sent % 10 == 0) {
          file.flush();
          clock.advanceMs(300);
        }
      }
      long lost = counters.losses(LossReason.WRITE_FAILED);
      assertThat(lost).isPositive();
      assertThat(Files.readString(disk.resolve("orders.jsonl"))).endsWith("\n");

      Files.delete(ballast);
      clock.advanceMs(1001);
      file.flush();
      assertThat(Files.readString(disk.resolve("orders.jsonl"))).endsWith("\n");
      file.close();
      opened.remove(file);
      List<String> lines = Files.readAllLines(disk.resolve("orders.jsonl"));
      assertThat(lines).allMatch(line -> line.endsWith("x") && line.length() >= 997);
      assertThat(counters.written()).isEqualTo(lines.size());
      assertThat(counters.written() + counters.losses(LossReason.WRITE_FAILED)).isEqualTo(sent);
      assertThat(log.lines.get(0)).startsWith("error records cannot be written");
      assertThat(log.lines.get(log.lines.size() - 1)).contains("lost=");
      assertThat(log.lines).hasSize(2);
    } finally {
      opened.forEach(LogFile::close);
      opened.clear();
      assertThat(exec("umount", disk.toString())).isZero();
    }
  }

  @Test
  void theLockOfADeadWriterIsFree() throws Exception {
    try (ClaimedFile held = ClaimedFile.claim(temp, "orders", ".jsonl", PID)) {
      assertThat(ClaimedFile.tryClaim(held.path(), "orders", false)).isNull();
    }
    try (ClaimedFile again = ClaimedFile.tryClaim(active(), "orders", false)) {
      assertThat(again).isNotNull();
    }
    assertThat(ClaimedFile.tryClaim(temp.resolve("none.jsonl"), "none", false)).isNull();
  }

  private static int exec(String... command) throws Exception {
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
