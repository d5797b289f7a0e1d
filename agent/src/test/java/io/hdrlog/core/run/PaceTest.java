package io.hdrlog.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PaceTest {
  private static final long MS = 1_000_000;

  private final Pace pace = new Pace();

  /** The sleep that a service with so many reports and slots a millisecond settles at. */
  private long settledAt(long perMs) {
    long sleepNs = Pace.SHORTEST_NS;
    for (int i = 0; i < 20; i++) {
      sleepNs = pace.sleepNs(sleepNs / MS * perMs);
    }
    return sleepNs;
  }

  @Test
  void aBatchHoldsSomethingUnlessThatWouldTakeLong() {
    assertThat(settledAt(0)).isEqualTo(16 * MS);
    assertThat(settledAt(1)).isEqualTo(16 * MS);
    assertThat(pace.sleepNs(1_000)).as("at once when much comes").isEqualTo(2 * MS);
    assertThat(settledAt(4)).isEqualTo(4 * MS);
    assertThat(pace.sleepNs(1_000)).isEqualTo(2 * MS);
    assertThat(settledAt(50)).isEqualTo(2 * MS);
  }
}
