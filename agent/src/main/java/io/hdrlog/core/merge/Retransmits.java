package io.hdrlog.core.merge;

import io.hdrlog.core.kernel.MarkKind;
import io.hdrlog.core.kernel.SocketJournal;
import java.util.Arrays;

/**
 * Which bytes of one socket were sent again, and in how many segments. The kernel's marks carry a
 * running total, so that what the lost ones counted is in the next. Bounded: when full, what is new
 * is added to the last.
 */
final class Retransmits {
  private static final int SIZE_MAX = 256;

  private long[] position = new long[4];
  private int[] segments = new int[4];
  private int size;

  private int counted;
  private int total;

  /**
   * Takes over what the journal has beyond what was taken before.
   *
   * @param sent how far the send stream has come: positions in the journal are modulo 2^32
   */
  void take(SocketJournal journal, long sent) {
    int count = journal.count(MarkKind.RETRANSMIT);
    int carried = Math.min(count - counted, journal.capacity(MarkKind.RETRANSMIT));
    if (carried <= 0) {
      return;
    }
    for (int number = count - carried; number != count; number++) {
      int low = journal.markPosition(MarkKind.RETRANSMIT, number);
      int now = journal.markSegments(number);
      add(sent + (low - (int) sent), now - total);
      total = now;
    }
    counted = count;
  }

  private void add(long reached, int more) {
    if (size == SIZE_MAX) {
      position[size - 1] = Math.max(position[size - 1], reached);
      segments[size - 1] += more;
      return;
    }
    if (size == position.length) {
      position = Arrays.copyOf(position, size * 2);
      segments = Arrays.copyOf(segments, size * 2);
    }
    position[size] = reached;
    segments[size] = more;
    size++;
  }

  /** Segments that end within (from, to]. */
  int within(long from, long to) {
    int sum = 0;
    for (int i = 0; i < size; i++) {
      if (position[i] > from && position[i] <= to) {
        sum += segments[i];
      }
    }
    return sum;
  }

  /** Forgets what ends no later than the byte. */
  void forgetUntil(long reached) {
    int kept = 0;
    for (int i = 0; i < size; i++) {
      if (position[i] > reached) {
        position[kept] = position[i];
        segments[kept] = segments[i];
        kept++;
      }
    }
    size = kept;
  }
}
