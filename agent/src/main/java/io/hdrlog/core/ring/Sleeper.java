package io.hdrlog.core.ring;

import java.util.concurrent.locks.LockSupport;

/**
 * A consumer that is asleep. Producers look once every quarter of a ring: a burst must not fill the
 * ring before the consumer looks again.
 */
final class Sleeper {
  private volatile Thread thread;

  /** Null: the consumer is awake, or soon will be. */
  void is(Thread sleeping) {
    thread = sleeping;
  }

  void wake() {
    Thread sleeping = thread;
    if (sleeping != null) {
      thread = null;
      LockSupport.unpark(sleeping);
    }
  }
}
