package io.hdrlog.core.merge;

import io.hdrlog.core.exchange.Timing;

/**
 * The JVM's latest safepoints on the kernel's clock. A fixed number is kept; an interval that
 * begins before the oldest kept one cannot be answered for.
 */
final class Pauses {
  private static final int KEPT = 1024;

  private final long[] begin = new long[KEPT];
  private final long[] end = new long[KEPT];
  private long noted;
  private long watchedSinceNs = Timing.ABSENT;

  /** From now on every pause is reported. */
  void watchedSince(long ns) {
    watchedSinceNs = ns;
  }

  void note(long beginNs, long endNs) {
    int at = (int) (noted++ % KEPT);
    begin[at] = beginNs;
    end[at] = endNs;
  }

  /** How much of the interval the JVM stood still, or absent if that was not watched throughout. */
  long within(long from, long to) {
    if (from == Timing.ABSENT
        || to == Timing.ABSENT
        || watchedSinceNs == Timing.ABSENT
        || from - watchedSinceNs < 0) {
      return Timing.ABSENT;
    }
    long stood = 0;
    long oldest = Math.max(0, noted - KEPT);
    for (long number = noted - 1; number >= oldest; number--) {
      int at = (int) (number % KEPT);
      if (end[at] - from <= 0) {
        return stood;
      }
      long overlap = Math.min(end[at], to) - Math.max(begin[at], from);
      stood += Math.max(0, overlap);
    }
    return oldest == 0 ? stood : Timing.ABSENT;
  }
}
