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

  @Test
  void onlyChangesAreSaidAndAtMostOnceAMinute() {
    reporter.tick();
    assertThat(log.lines).isEmpty();
    counters.lost(LossReason.RING_FULL, 12);
    clock.advanceMs(1000);
    reporter.tick();
    assertThat(log.lines).containsExactly("warn lost reason=ring_full count=12 total=12");

    counters.lost(LossReason.RING_FULL, 3);
    kernel.put("map_full", 4L);
    for (int i = 0; i < 59; i++) {
      clock.advanceMs(1000);
      reporter.tick();
    }
    assertThat(log.lines).hasSize(1);
    clock.advanceMs(1000);
    reporter.tick();
    assertThat(log.lines)
        .containsExactly(
            "warn lost reason=ring_full count=12 total=12",
            "warn lost reason=ring_full count=3 total=15",
            "warn lost reason=kernel_map_full count=4 total=4");

    clock.advanceMs(600_000);
    reporter.tick();
    assertThat(log.lines).hasSize(3);
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
}
