package io.hdrlog.core.run;

/**
 * How long the consumer sleeps between two batches while there is something to do. A wake-up finds
 * the processor's caches empty, and costs as much as ten records: so a batch is to hold some, and a
 * service that is asked a few hundred times a second is not looked at five hundred times. Belongs
 * to the consumer's thread.
 */
final class Pace {
  /**
   * With hundreds of records in it a batch gains nothing by being larger, and the threads that wait
   * for it on the same core lose: a quarter of this cost a tenth of one core's throughput, twice as
   * much changed nothing (docs/performance.md).
   */
  static final long SHORTEST_NS = 2_000_000;

  /**
   * What comes at once after it still fits into a part of the rings that nobody has to be woken
   * for.
   */
  static final long LONGEST_NS = 16_000_000;

  /** Of most records there are two or more: the kernel's report, and slots in the rings. */
  private static final long FEW = 16;

  private static final long MANY = 4 * FEW;

  private long sleepNs = SHORTEST_NS;

  /**
   * Called before each sleep.
   *
   * @param taken reports and slots since the last one
   * @return nanoseconds
   */
  long sleepNs(long taken) {
    if (taken < FEW) {
      sleepNs = Math.min(LONGEST_NS, sleepNs * 2);
    } else if (taken > MANY) {
      sleepNs = SHORTEST_NS;
    }
    return sleepNs;
  }
}
