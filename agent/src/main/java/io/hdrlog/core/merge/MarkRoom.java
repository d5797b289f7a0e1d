package io.hdrlog.core.merge;

import io.hdrlog.core.health.Counters;
import io.hdrlog.core.health.LossReason;

/** The room for marks that all sockets share, beyond what each may have without asking. */
final class MarkRoom {
  /** 6 MiB. One connection with a hundred streams at a time was seen to need some 4,000. */
  static final int MARKS_MAX = 1 << 18;

  private final Counters counters;
  private int left;

  MarkRoom(Counters counters) {
    this(MARKS_MAX, counters);
  }

  MarkRoom(int marks, Counters counters) {
    left = marks;
    this.counters = counters;
  }

  /** False if there is not so much left; then nothing was taken, and the refusal is counted. */
  boolean take(int marks) {
    if (marks > left) {
      counters.lost(LossReason.KERNEL_MARKS_FULL);
      return false;
    }
    left -= marks;
    return true;
  }

  void give(int marks) {
    left += marks;
  }

  int left() {
    return left;
  }
}
