package io.hdrlog.core.wire;

import java.util.Arrays;

/** Requests of a connection that are not finished, oldest first. Grows with pipelining, bounded. */
final class PendingRequests {
  /** More unanswered requests than any client pipelines. */
  static final int COUNT_MAX = 256;

  private PendingRequest[] ring = {new PendingRequest()};
  private int first;
  private int count;

  boolean isEmpty() {
    return count == 0;
  }

  boolean isFull() {
    return count == COUNT_MAX;
  }

  int count() {
    return count;
  }

  PendingRequest get(int index) {
    return ring[(first + index) & (ring.length - 1)];
  }

  PendingRequest oldest() {
    return get(0);
  }

  PendingRequest newest() {
    return get(count - 1);
  }

  /** The place for one more, still holding what was in it. */
  PendingRequest add() {
    if (count == ring.length) {
      grow();
    }
    return get(count++);
  }

  void removeOldest() {
    first = (first + 1) & (ring.length - 1);
    count--;
  }

  void removeNewest() {
    count--;
  }

  private void grow() {
    PendingRequest[] more = new PendingRequest[ring.length * 2];
    for (int i = 0; i < count; i++) {
      more[i] = get(i);
    }
    Arrays.setAll(more, i -> more[i] == null ? new PendingRequest() : more[i]);
    ring = more;
    first = 0;
  }
}
