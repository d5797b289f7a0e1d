package io.hdrlog.core.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.file.ManualClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileAgentLogTest {
  private final ManualClock clock = new ManualClock();
  private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

  @TempDir Path temp;

  private FileAgentLog open(Path dir, long sizeMaxBytes) {
    return new FileAgentLog(
        dir, "orders", clock, new PrintStream(errors, true, StandardCharsets.UTF_8), sizeMaxBytes);
  }

  /** Where the folder should be. */
  private Path fileInTheWay() throws IOException {
    return Files.writeString(temp.resolve("logs"), "a file");
  }

  @Test
  void linesHaveTimeAndLevel() throws IOException {
    try (FileAgentLog log = open(temp.resolve("made"), 1 << 20)) {
      log.info("started");
      log.warn("odd\nforged line");
      log.error("bad");
    }
    assertThat(temp.resolve("made/orders.agent.log"))
        .hasContent(
            """
            2026-11-22T18:00:00.123Z info started
            2026-11-22T18:00:00.123Z warn odd forged line
            2026-11-22T18:00:00.123Z error bad
            """);
    assertThat(errors.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void itsSizeIsBounded() throws IOException {
    try (FileAgentLog log = open(temp, 1000)) {
      for (int i = 0; i < 200; i++) {
        log.info("line " + i);
      }
    }
    assertThat(Files.size(temp.resolve("orders.agent.log"))).isLessThan(1100);
    assertThat(Files.size(temp.resolve("orders.agent.log.1"))).isBetween(1000L, 1100L);
    assertThat(temp.toFile().list()).hasSize(2);
  }

  @Test
  void whatCannotBeWrittenGoesToStderrAtABoundedRateAndResumes() throws IOException {
    Path inTheWay = fileInTheWay();
    try (FileAgentLog log = open(inTheWay, 1 << 20)) {
      for (int i = 0; i < 1000; i++) {
        log.warn("line " + i);
      }
      assertThat(errors.toString(StandardCharsets.UTF_8).lines().count()).isEqualTo(20);
      assertThat(errors.toString(StandardCharsets.UTF_8)).startsWith("hdrlog: warn line 0\n");
      Files.delete(inTheWay);
      clock.advanceMs(1001);
      log.info("again");
    }
    assertThat(Files.readString(inTheWay.resolve("orders.agent.log"))).endsWith(" info again\n");
  }

  @Test
  void whatAStartTellsLeavesRoomForWhatGoesWrong() throws IOException {
    Path inTheWay = fileInTheWay();
    try (FileAgentLog log = open(inTheWay, 1 << 20)) {
      for (int i = 0; i < 1000; i++) {
        log.info("woven class=" + i);
      }
      log.warn("lost reason=write_failed count=5 total=5");
    }
    assertThat(errors.toString(StandardCharsets.UTF_8))
        .endsWith("hdrlog: warn lost reason=write_failed count=5 total=5\n");
  }

  @Test
  void aDeletedFileIsMadeAnew() throws IOException {
    try (FileAgentLog log = open(temp, 1 << 20)) {
      log.info("a");
      Files.delete(temp.resolve("orders.agent.log"));
      clock.advanceMs(1001);
      log.info("b");
    }
    assertThat(Files.readString(temp.resolve("orders.agent.log"))).endsWith(" info b\n");
  }

  @Test
  void aSecondJvmHasALogOfItsOwn() throws IOException {
    try (FileAgentLog first = open(temp, 1 << 20);
        FileAgentLog second = open(temp, 1 << 20)) {
      first.info("a");
      second.info("b");
    }
    assertThat(temp.toFile().list())
        .containsExactlyInAnyOrder(
            "orders.agent.log", "orders-pid" + ProcessHandle.current().pid() + ".agent.log");
  }
}
