package io.hdrlog.core.cli;

import java.util.Arrays;

/** Counts of durations in buckets whose width is at most 1/2^bits of the value. */
final class Histogram {
  private final int bits;
  private long[] counts;
  private long count;
  private long sum;
  private long max;

  Histogram(int bits) {
    this.bits = bits;
    this.counts = new long[1 << bits];
  }

  void add(long value) {
    int index = index(value);
    if (index >= counts.length) {
      counts = Arrays.copyOf(counts, Math.max(index + 1, counts.length * 2));
    }
    counts[index]++;
    count++;
    sum += value;
    max = Math.max(max, value);
  }

  long count() {
    return count;
  }

  long sum() {
    return sum;
  }

  long max() {
    return count == 0 ? -1 : max;
  }

  /** The value that this share of all does not exceed; -1 where there is none. */
  long percentile(double share) {
    long wanted = Math.max(1, (long) Math.ceil(share * count));
    long seen = 0;
    for (int i = 0; i < counts.length; i++) {
      seen += counts[i];
      if (seen >= wanted) {
        return Math.min(upper(i), max);
      }
    }
    return -1;
  }

  /** Below 2^bits exact; above, the exponent and the bits that follow the first. */
  private int index(long value) {
    int exponent = 63 - Long.numberOfLeadingZeros(value | 1);
    if (exponent < bits) {
      return (int) value;
    }
    int shift = exponent - bits;
    return ((shift + 1) << bits) + (int) (value >>> shift) - (1 << bits);
  }

  private long upper(int index) {
    int shift = (index >> bits) - 1;
    if (shift < 0) {
      return index;
    }
    long mantissa = (index & ((1L << bits) - 1)) + (1L << bits);
    return ((mantissa + 1) << shift) - 1;
  }
}
