package io.hdrlog.core.ring;

import java.util.concurrent.locks.LockSupport;

/**
 * A consumer that is asleep. Producers look once every quarter of a ring: a burst must not fill the
 * ring before the consumer looks again.
 */
final class Sleeper {
  private final long quarterMask;
  private volatile Thread thread;

  /**
   * @param slots of the ring; a power of two
   */
  Sleeper(int slots) {
    quarterMask = slots / 4 - 1L;
  }

  /** Null: the consumer is awake, or soon will be. */
  void is(Thread sleeping) {
    thread = sleeping;
  }

  /** These slots were published; wakes the consumer if a quarter of the ring begins with them. */
  void published(long first, long last) {
    if ((last & quarterMask) <= last - first) {
      wake();
    }
  }

  private void wake() {
    Thread sleeping = thread;
    if (sleeping != null) {
      thread = null;
      LockSupport.unpark(sleeping);
    }
  }
}
