package io.hdrlog.core.encode;

import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * From CLOCK_MONOTONIC to the time of day. The offset is sampled now and then, because the wall
 * clock is adjusted and the monotonic one is not in step with it. Belongs to one thread.
 */
public final class WallClock {
  /** How often the consumer samples. */
  public static final long PERIOD_NS = 1_000_000_000L;

  /** The best of so many tries: one in which the thread was not put aside between the readings. */
  private static final int TRIES = 5;

  private final LongSupplier monotonicNs;
  private final LongSupplier wallNs;
  private long offsetNs;
  private long sampledNs;

  public WallClock() {
    this(System::nanoTime, WallClock::systemWallNs);
  }

  /**
   * @param monotonicNs CLOCK_MONOTONIC
   * @param wallNs nanoseconds since 1970
   */
  public WallClock(LongSupplier monotonicNs, LongSupplier wallNs) {
    this.monotonicNs = monotonicNs;
    this.wallNs = wallNs;
    sample();
  }

  /** What to add to a monotonic time for nanoseconds since 1970. */
  public long offsetNs() {
    return offsetNs;
  }

  /** Samples if a second has gone by. */
  public void resample(long nowNs) {
    if (nowNs - sampledNs >= PERIOD_NS) {
      sample();
    }
  }

  private void sample() {
    long narrowest = Long.MAX_VALUE;
    for (int i = 0; i < TRIES; i++) {
      long before = monotonicNs.getAsLong();
      long wall = wallNs.getAsLong();
      long after = monotonicNs.getAsLong();
      if (after - before < narrowest) {
        narrowest = after - before;
        offsetNs = wall - before - (after - before) / 2;
      }
      sampledNs = after;
    }
  }

  private static long systemWallNs() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }
}
