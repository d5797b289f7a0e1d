package io.hdrlog.core.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class HistogramTest {
  @Test
  void percentilesAreWithinOnePercent() {
    Random random = new Random(7);
    Histogram histogram = new Histogram(7);
    long[] values = new long[100_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = (long) Math.exp(random.nextDouble() * 30);
      histogram.add(values[i]);
    }
    Arrays.sort(values);
    for (double share : new double[] {0.01, 0.5, 0.9, 0.99, 0.999, 1}) {
      long exact = values[(int) Math.ceil(share * values.length) - 1];
      assertThat(histogram.percentile(share)).isCloseTo(exact, Percentage.withPercentage(1));
    }
    assertThat(histogram.max()).isEqualTo(values[values.length - 1]);
  }

  @Test
  void extremesHaveABucket() {
    Histogram histogram = new Histogram(4);
    histogram.add(0);
    histogram.add(Long.MAX_VALUE);
    assertThat(histogram.percentile(0.5)).isZero();
    assertThat(histogram.percentile(1)).isEqualTo(Long.MAX_VALUE);
    assertThat(new Histogram(4).percentile(0.5)).isEqualTo(-1);
  }
}
