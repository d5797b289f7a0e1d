package io.hdrlog.core.merge;

import io.hdrlog.core.kernel.MarkKind;
import io.hdrlog.core.kernel.SocketJournal;
import java.util.Arrays;

/**
 * The marks of one kind on one socket, oldest first: at which instant the stream had reached which
 * byte. Bounded: when full, every second mark is thinned out; each mark remembers where its true
 * predecessor ended ({@code floor}), so a look-up either finds the exact mark or says that it
 * cannot.
 */
final class Marks {
  /** No mark has reached the byte yet. */
  static final int NOT_YET = -1;

  /** The mark that reached the byte was lost or thinned out. */
  static final int LOST = -2;

  private static final int SIZE_MAX = 256;

  private static final int FIRST_KEPT = 32;

  private long[] ns = new long[4];
  private long[] position = new long[4];
  private long[] floor = new long[4];
  private int size;

  private int counted;
  private long newest;
  private boolean fromStart;

  /** Takes over the marks that the journal has beyond those taken before. */
  void take(SocketJournal journal, MarkKind kind) {
    int count = journal.count(kind);
    int fresh = count - counted;
    if (fresh <= 0) {
      return;
    }
    int first = counted;
    boolean gap = counted == 0 && (journal.flags() & SocketJournal.OPENED) == 0;
    fromStart |= counted == 0 && !gap;
    int capacity = journal.capacity(kind);
    if (fresh > capacity) {
      first = count - capacity;
      gap = true;
    }
    for (int number = first; number != count; number++) {
      add(journal.markNs(kind, number), unwrapped(journal.markPosition(kind, number)), gap);
      gap = false;
    }
    counted = count;
  }

  private long unwrapped(int low) {
    if (newest == 0 && !fromStart) {
      return Integer.toUnsignedLong(low);
    }
    // Positions only grow, and by less than 2^31 from one mark to the next.
    return newest + (low - (int) newest);
  }

  private void add(long at, long reached, boolean gap) {
    if (size == ns.length) {
      grow();
    }
    ns[size] = at;
    position[size] = reached;
    floor[size] = gap ? reached : newest;
    size++;
    newest = reached;
  }

  private void grow() {
    if (size < SIZE_MAX) {
      ns = Arrays.copyOf(ns, size * 2);
      position = Arrays.copyOf(position, size * 2);
      floor = Arrays.copyOf(floor, size * 2);
      return;
    }
    // The first marks and the newest stay: they time the ends of what is under way. In front of a
    // response there may be those of a handshake.
    int kept = FIRST_KEPT;
    for (int i = FIRST_KEPT + 1; i < size; i += 2) {
      ns[kept] = ns[i];
      position[kept] = position[i];
      floor[kept] = floor[i];
      kept++;
    }
    size = kept;
  }

  /** The index of the mark that reached the byte before {@code target}. */
  int reaching(long target) {
    for (int i = 0; i < size; i++) {
      if (position[i] >= target) {
        return floor[i] < target ? i : LOST;
      }
    }
    return NOT_YET;
  }

  /** The index of the first mark made at or after the instant, or {@link #NOT_YET}. */
  int firstSince(long instant) {
    for (int i = 0; i < size; i++) {
      if (ns[i] - instant >= 0) {
        return i;
      }
    }
    return NOT_YET;
  }

  /** The index of the last mark made at or before the instant, or {@link #NOT_YET}. */
  int lastUntil(long instant) {
    for (int i = size - 1; i >= 0; i--) {
      if (ns[i] - instant <= 0) {
        return i;
      }
    }
    return NOT_YET;
  }

  long ns(int index) {
    return ns[index];
  }

  /** Where the mark before it ended, be it kept or not. */
  long floor(int index) {
    return floor[index];
  }

  /** Whether none was lost or thinned out just before this one. */
  boolean isExact(int index) {
    return floor[index] < position[index] && (index == 0 || position[index - 1] == floor[index]);
  }

  long position(int index) {
    return position[index];
  }

  int size() {
    return size;
  }

  /** How far the stream has come, as far as is known. */
  long newest() {
    return newest;
  }

  /** Forgets the marks that reach no further than the byte. */
  void forgetUntil(long reached) {
    int gone = 0;
    while (gone < size && position[gone] <= reached) {
      gone++;
    }
    if (gone > 0) {
      size -= gone;
      System.arraycopy(ns, gone, ns, 0, size);
      System.arraycopy(position, gone, position, 0, size);
      System.arraycopy(floor, gone, floor, 0, size);
    }
  }
}
