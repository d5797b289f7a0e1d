package io.hdrlog.core.ring;

import com.lmax.disruptor.Sequence;

/**
 * The parcels that nobody uses, as a stack: the one that was given back last is taken next, since
 * the caches still hold it. A ring whose slots are the parcels goes through all of its memory, and
 * an application's thread then waits for each of thirty lines to come from main memory
 * (docs/performance.md, "What a copy waits for").
 *
 * <p>Any thread takes, the consumer gives back; nobody waits for another. R. K. Treiber's stack
 * (IBM RJ 5118, 1986) over numbers: the upper half of the head counts its changes, so that a head
 * that is the same again is not taken for one that stayed the same.
 */
final class FreeParcels {
  static final int NONE = -1;

  private static final long CHANGE = 1L << 32;

  /** What lies below each parcel. */
  private final int[] below;

  private final Sequence head;

  /** For numbers below {@code count}, none of them free yet. */
  FreeParcels(int count) {
    below = new int[count];
    head = new Sequence(with(0, NONE));
  }

  /** A parcel, or {@link #NONE}. */
  int take() {
    while (true) {
      long seen = head.get();
      int top = (int) seen;
      if (top == NONE) {
        return NONE;
      }
      // May be what somebody else is writing just now; then the head has changed.
      if (head.compareAndSet(seen, with(seen, below[top]))) {
        return top;
      }
    }
  }

  /** Links a parcel on top of others that are to be given back together. */
  int link(int parcel, int others) {
    below[parcel] = others;
    return parcel;
  }

  /** Gives back what {@link #link} made of several parcels, from its top to its bottom. */
  void give(int top, int bottom) {
    while (true) {
      long seen = head.get();
      below[bottom] = (int) seen;
      if (head.compareAndSet(seen, with(seen, top))) {
        return;
      }
    }
  }

  private static long with(long seen, int top) {
    return ((seen + CHANGE) & -CHANGE) | (top & (CHANGE - 1));
  }
}
