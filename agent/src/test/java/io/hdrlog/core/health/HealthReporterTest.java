package io.hdrlog.core.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.file.ManualClock;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HealthReporterTest {
  private final ManualClock clock = new ManualClock();
  private final Counters counters = new Counters();
  private final MemoryAgentLog log = new MemoryAgentLog();
  private final Map<String, Long> kernel = new HashMap<>();
  private final HealthReporter reporter = new HealthReporter(counters, log, () -> kernel, clock);

  private void seconds(int count, long ringFullEach) {
    for (int i = 0; i < count; i++) {
      counters.lost(LossReason.RING_FULL, ringFullEach);
      clock.advanceMs(1000);
      reporter.tick();
    }
  }

  @Test
  void aLossThatGoesOnIsSaidAtOnceAndThenOnceAMinute() {
    reporter.tick();
    assertThat(log.lines).isEmpty();
    seconds(60, 2);
    assertThat(log.lines).containsExactly("warn lost reason=ring_full count=2 total=2");
    seconds(1, 2);
    assertThat(log.lines).hasSize(2).endsWith("warn lost reason=ring_full count=120 total=122");
  }

  @Test
  void theTotalIsTrueSoonAfterTheLossIsOver() {
    seconds(1, 12);
    kernel.put("map_full", 4L);
    seconds(3, 1);
    assertThat(log.lines).containsExactly("warn lost reason=ring_full count=12 total=12");
    seconds(5, 0);
    assertThat(log.lines)
        .containsExactly(
            "warn lost reason=ring_full count=12 total=12",
            "warn lost reason=ring_full count=3 total=15",
            "warn lost reason=kernel_map_full count=4 total=4");
    seconds(600, 0);
    assertThat(log.lines).hasSize(3);
    seconds(1, 1);
    assertThat(log.lines).hasSize(4).endsWith("warn lost reason=ring_full count=1 total=16");
  }

  @Test
  void theEndHasWhatWasLostMeanwhile() {
    seconds(1, 12);
    counters.lost(LossReason.RING_FULL, 5);
    reporter.summary();
    assertThat(log.lines)
        .endsWith(
            "warn lost reason=ring_full count=5 total=17",
            "info summary written=0 sampled_out=0 lost.ring_full=17");
  }

  @Test
  void theSummaryHasEverything() {
    counters.written(7);
    counters.sampledOut();
    counters.lost(LossReason.WRITE_FAILED);
    kernel.put("ring_full", 2L);
    reporter.summary();
    assertThat(log.lines)
        .endsWith(
            "info summary written=7 sampled_out=1 lost.write_failed=1 lost.kernel_ring_full=2");
  }

  @Test
  void theSummaryIsSaidAgainOnlyIfItIsAnother() {
    counters.written(7);
    reporter.summary();
    reporter.summary();
    assertThat(log.lines).containsExactly("info summary written=7 sampled_out=0");
    counters.written(1);
    reporter.summary();
    assertThat(log.lines).hasSize(2).endsWith("info summary written=8 sampled_out=0");
  }
}
