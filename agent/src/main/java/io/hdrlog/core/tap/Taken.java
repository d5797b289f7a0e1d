package io.hdrlog.core.tap;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How many bytes the kernel took in each thread's newest write. The call that asked for it may
 * throw all the same: the JDK moves the buffers' positions afterwards, and another thread may have
 * given the buffers back by then (Jetty does when it reads the peer's end), or interrupted this
 * one.
 *
 * <p>Threads share places, as no memory is taken for each. What another thread has written over is
 * not known any more.
 */
final class Taken {
  /** Places lie on cache lines of their own. */
  private static final int STRIDE = 8;

  private static final int PLACES = 256;

  /** In the upper half the thread, in the lower the count: one write never takes more. */
  private final AtomicLongArray counts = new AtomicLongArray(PLACES * STRIDE);

  /** This thread begins a write. */
  void begin() {
    put(0);
  }

  /** The kernel took so many of this thread's bytes; negative: none. */
  void put(long count) {
    long id = threadId();
    counts.setPlain(place(id), id << 32 | Math.max(0, count));
  }

  /** Of the write that this thread has begun; 0 if that is not known. */
  int last() {
    long id = threadId();
    long last = counts.getPlain(place(id));
    return (int) (last >>> 32) == (int) id ? (int) last : 0;
  }

  private static int place(long threadId) {
    return ((int) threadId & (PLACES - 1)) * STRIDE;
  }

  @SuppressWarnings("deprecation") // Thread.threadId() is newer than 17
  private static long threadId() {
    return Thread.currentThread().getId();
  }
}
