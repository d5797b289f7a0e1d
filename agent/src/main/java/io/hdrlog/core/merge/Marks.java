package io.hdrlog.core.merge;

import io.hdrlog.core.kernel.MarkKind;
import io.hdrlog.core.kernel.SocketJournal;

/**
 * The marks of one kind on one socket, oldest first: at which instant the stream had reached which
 * byte. Bounded: when full, every second mark is thinned out; each mark remembers where its true
 * predecessor ended ({@code floor}), so a look-up either finds the exact mark or says that it
 * cannot.
 *
 * <p>A socket's marks of a kind are made one after the other, so both times and positions grow from
 * one to the next, and look-ups need not try them all: streams of HTTP/2 share one list of
 * thousands.
 */
final class Marks {
  /** No mark has reached the byte yet. */
  static final int NOT_YET = -1;

  /** The mark that reached the byte was lost or thinned out. */
  static final int LOST = -2;

  /** So many a socket may keep without asking: requests that follow one another need no more. */
  static final int SIZE_FREE = 256;

  /**
   * And so many at all. The kernel's news of a socket come before its plaintext is read, by as much
   * as the reading is behind.
   */
  static final int SIZE_MAX = 16_384;

  /** What needs no more than a part of its room, so often in a row, gives the rest back. */
  private static final int QUIET_MAX = 4_096;

  /** Of a window that is thinned out, the first: in front of a response may be a handshake. */
  private static final int FIRST_KEPT = 32;

  private final MarkRoom room;
  private long[] ns = new long[4];
  private long[] position = new long[4];
  private long[] floor = new long[4];

  // Those that are kept are [from, to).
  private int from;
  private int to;

  private int counted;
  private long newest;
  private boolean fromStart;
  private int quiet;
  private boolean mayGrow;

  /** The position of the last mark that was forgotten. */
  private long forgotten;

  Marks(MarkRoom room) {
    this.room = room;
  }

  /**
   * Takes over the marks that the journal has beyond those taken before.
   *
   * @param watched whether the connection's plaintext is read as well, for which marks may wait
   */
  void take(SocketJournal journal, MarkKind kind, boolean watched) {
    mayGrow = watched;
    if (!mayGrow) {
      giveBack();
    }
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
      long at = journal.markNs(kind, number);
      long reached = unwrapped(journal.markPosition(kind, number));
      if (at == SocketJournal.UNTIMED) {
        // Its bytes have no time; those of the next mark begin where it ended.
        newest = Math.max(newest, reached);
      } else {
        add(at, reached, gap);
      }
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
    if (!gap && reached <= newest) {
      // A segment that was refused after it was noted: no byte is reached for the first time.
      return;
    }
    if (to == ns.length) {
      makeRoom();
    }
    ns[to] = at;
    position[to] = reached;
    floor[to] = gap ? reached : newest;
    to++;
    newest = reached;
  }

  private void makeRoom() {
    if (from >= ns.length / 2) {
      moveInto(ns, position, floor);
    } else if (ns.length < SIZE_FREE || (mayGrow && ns.length < SIZE_MAX && room.take(ns.length))) {
      resize(ns.length * 2);
    } else if (from >= ns.length / 8) {
      moveInto(ns, position, floor);
    } else {
      thinOut();
    }
  }

  private void resize(int length) {
    moveInto(new long[length], new long[length], new long[length]);
  }

  private void moveInto(long[] toNs, long[] toPosition, long[] toFloor) {
    int size = size();
    System.arraycopy(ns, from, toNs, 0, size);
    System.arraycopy(position, from, toPosition, 0, size);
    System.arraycopy(floor, from, toFloor, 0, size);
    ns = toNs;
    position = toPosition;
    floor = toFloor;
    from = 0;
    to = size;
  }

  private void thinOut() {
    // The first marks and the newest stay: they time the ends of what is under way.
    int kept = FIRST_KEPT;
    for (int i = 0; i < kept; i++) {
      copy(from + i, i);
    }
    for (int i = from + FIRST_KEPT + 1; i < to; i += 2) {
      copy(i, kept++);
    }
    if ((to - from - FIRST_KEPT) % 2 != 0) {
      copy(to - 1, kept++);
    }
    from = 0;
    to = kept;
  }

  private void copy(int index, int into) {
    ns[into] = ns[index];
    position[into] = position[index];
    floor[into] = floor[index];
  }

  /** The index of the mark that reached the byte before {@code target}. */
  int reaching(long target) {
    if (from == to || position[to - 1] < target) {
      return NOT_YET;
    }
    int index = firstFrom(position, target);
    return floor[index] < target ? index - from : LOST;
  }

  /** The index of the first mark made at or after the instant, or {@link #NOT_YET}. */
  int firstSince(long instant) {
    int index = firstFrom(ns, instant);
    return index == to ? NOT_YET : index - from;
  }

  /** The index of the last mark made at or before the instant, or {@link #NOT_YET}. */
  int lastUntil(long instant) {
    int index = firstFrom(ns, instant + 1);
    return index == from ? NOT_YET : index - 1 - from;
  }

  /** The place of the first that is not below the bound, or {@code to}. */
  private int firstFrom(long[] values, long bound) {
    int low = from;
    int high = to;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (values[middle] - bound < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  long ns(int index) {
    return ns[from + index];
  }

  /** Where the mark before it ended, be it kept or not. */
  long floor(int index) {
    return floor[from + index];
  }

  /** Whether none was lost or thinned out just before this one. */
  boolean isExact(int index) {
    int at = from + index;
    long before = index == 0 ? forgotten : position[at - 1];
    return floor[at] < position[at] && before == floor[at];
  }

  long position(int index) {
    return position[from + index];
  }

  int size() {
    return to - from;
  }

  /** How far the stream has come, as far as is known. */
  long newest() {
    return newest;
  }

  /** Forgets the marks that reach no further than the byte. */
  void forgetUntil(long reached) {
    int kept = firstFrom(position, reached + 1);
    if (kept > from) {
      forgotten = position[kept - 1];
    }
    from = kept;
    if (from == to) {
      from = 0;
      to = 0;
      // Others may need the room, and what is idle from now on is not asked again.
      giveBack();
    }
    if (ns.length > SIZE_FREE) {
      quiet = size() > SIZE_FREE / 2 ? 0 : quiet + 1;
      if (quiet > QUIET_MAX) {
        quiet = 0;
        giveBack();
      }
    }
  }

  /** Keeps no more than it may have without asking. */
  void giveBack() {
    if (ns.length > SIZE_FREE) {
      room.give(ns.length - SIZE_FREE);
      while (size() > SIZE_FREE) {
        thinOut();
      }
      resize(SIZE_FREE);
    }
  }
}
