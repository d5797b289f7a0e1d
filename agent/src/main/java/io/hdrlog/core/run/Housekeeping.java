package io.hdrlog.core.run;

/** What the consumer does besides records. All methods run on its thread, but for failed. */
interface Housekeeping {
  /** Nothing waits: what is buffered goes to the file. */
  void idle();

  /** About every 100 ms, every few seconds in a quiet time, and when that ends. */
  void tick(long nowNs);

  /** All that waited is with the writer; the JVM goes down. Again where more came after that. */
  void stopped();

  /** Has this run when the last shutdown hook is done; false where there is no place for it. */
  boolean runLast(Runnable last);

  /** The JVM ends: application threads that are still running tell no more from now on. */
  void silence();

  /** A moment after that: publishes what is open inside the containers. */
  void endOpen();

  /** The agent's own fault; must not throw. */
  void failed(Throwable fault);
}
