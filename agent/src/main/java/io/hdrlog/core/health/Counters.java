package io.hdrlog.core.health;

import java.util.concurrent.atomic.LongAdder;

/**
 * What the agent counts of itself. Any thread may count; reading is approximate while others do.
 */
public final class Counters {
  private final LongAdder[] losses = new LongAdder[LossReason.values().length];
  private final LongAdder written = new LongAdder();
  private final LongAdder sampledOut = new LongAdder();

  public Counters() {
    for (int i = 0; i < losses.length; i++) {
      losses[i] = new LongAdder();
    }
  }

  public void lost(LossReason reason) {
    losses[reason.ordinal()].increment();
  }

  public void lost(LossReason reason, long count) {
    losses[reason.ordinal()].add(count);
  }

  public long losses(LossReason reason) {
    return losses[reason.ordinal()].sum();
  }

  public void written(long records) {
    written.add(records);
  }

  public long written() {
    return written.sum();
  }

  public void sampledOut() {
    sampledOut.increment();
  }

  public long sampledOutTotal() {
    return sampledOut.sum();
  }
}
