package io.hdrlog.bpf;

import io.hdrlog.core.kernel.MarkKind;
import io.hdrlog.core.kernel.SocketJournal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The report that lies at some place in the ring, a whole journal or what is new on the socket; one
 * instance is moved from record to record.
 */
final class JournalView implements SocketJournal {
  /** The kinds that have newest marks; they come first in the enumeration. */
  private static final int TIMED = MarkKind.RETRANSMIT.ordinal();

  private static final int OLDER_CAPACITY = EventLayout.JOURNAL_OLDER_LENGTH / TIMED;

  /** A fourth may have been made during the kernel's copy. */
  private static final int RECENT_SURE = EventLayout.MARKS_NS_LENGTH - 1;

  private ByteBuffer ring;
  private int base;
  private boolean whole;

  /** False if its length is not that of its type. */
  boolean moveTo(ByteBuffer memory, int offset, int length, int type) {
    ring = memory;
    base = offset;
    whole = type == EventLayout.TYPE_JOURNAL;
    return length == (whole ? EventLayout.JOURNAL_BYTES : EventLayout.EXCHANGE_BYTES);
  }

  @Override
  public long cookie() {
    return longAt(whole ? EventLayout.JOURNAL_COOKIE : EventLayout.EXCHANGE_COOKIE);
  }

  @Override
  public int flags() {
    return shortAt(whole ? EventLayout.JOURNAL_FLAGS : EventLayout.EXCHANGE_FLAGS);
  }

  @Override
  public long localHigh() {
    return written(localAddress());
  }

  @Override
  public long localLow() {
    return written(localAddress() + Long.BYTES);
  }

  @Override
  public long remoteHigh() {
    return written(remoteAddress());
  }

  @Override
  public long remoteLow() {
    return written(remoteAddress() + Long.BYTES);
  }

  @Override
  public int localPort() {
    return shortAt(whole ? EventLayout.JOURNAL_LOCAL_PORT : EventLayout.EXCHANGE_LOCAL_PORT);
  }

  @Override
  public int remotePort() {
    return shortAt(whole ? EventLayout.JOURNAL_REMOTE_PORT : EventLayout.EXCHANGE_REMOTE_PORT);
  }

  @Override
  public long establishedNs() {
    return whole ? longAt(EventLayout.JOURNAL_ESTABLISHED_NS) : 0;
  }

  @Override
  public long acceptedNs() {
    return whole ? longAt(EventLayout.JOURNAL_ACCEPTED_NS) : 0;
  }

  @Override
  public int srttUs() {
    return intAt(
        whole ? recent(MarkKind.SEND) + EventLayout.MARKS_SRTT_US : EventLayout.EXCHANGE_SRTT_US);
  }

  @Override
  public int count(MarkKind kind) {
    if (!whole) {
      return intAt(EventLayout.EXCHANGE_COUNT + kind.ordinal() * Integer.BYTES);
    }
    return intAt(
        kind == MarkKind.RETRANSMIT
            ? EventLayout.JOURNAL_RETRANSMITS
            : recent(kind) + EventLayout.MARKS_COUNT);
  }

  /** Older marks are kept only until they are told, so what was told before is no longer there. */
  @Override
  public int capacity(MarkKind kind) {
    if (kind == MarkKind.RETRANSMIT) {
      return whole ? EventLayout.JOURNAL_RETRANSMIT_LENGTH : 0;
    }
    if (!whole) {
      return 1;
    }
    int untold = count(kind) - intAt(recent(kind) + EventLayout.MARKS_REPORTED);
    return Math.max(RECENT_SURE, Math.min(OLDER_CAPACITY, untold));
  }

  @Override
  public long markNs(MarkKind kind, int number) {
    if (!whole) {
      return longAt(EventLayout.EXCHANGE_NS + kind.ordinal() * Long.BYTES);
    }
    if (isRecent(kind, number)) {
      return longAt(
          recent(kind)
              + EventLayout.MARKS_NS
              + (number & (EventLayout.MARKS_NS_LENGTH - 1)) * Long.BYTES);
    }
    return longAt(mark(kind, number) + EventLayout.MARK_NS);
  }

  @Override
  public int markPosition(MarkKind kind, int number) {
    if (!whole) {
      return intAt(EventLayout.EXCHANGE_POSITION + kind.ordinal() * Integer.BYTES);
    }
    if (isRecent(kind, number)) {
      return intAt(
          recent(kind)
              + EventLayout.MARKS_POSITION
              + (number & (EventLayout.MARKS_POSITION_LENGTH - 1)) * Integer.BYTES);
    }
    return intAt(mark(kind, number) + EventLayout.MARK_POSITION);
  }

  @Override
  public int markSegments(int number) {
    return intAt(mark(MarkKind.RETRANSMIT, number) + EventLayout.MARK_SEGMENTS);
  }

  private boolean isRecent(MarkKind kind, int number) {
    return kind != MarkKind.RETRANSMIT && count(kind) - number <= RECENT_SURE;
  }

  private static int recent(MarkKind kind) {
    return EventLayout.JOURNAL_RECENT + kind.ordinal() * EventLayout.MARKS_BYTES;
  }

  private static int mark(MarkKind kind, int number) {
    if (kind == MarkKind.RETRANSMIT) {
      int slot = number & (EventLayout.JOURNAL_RETRANSMIT_LENGTH - 1);
      return EventLayout.JOURNAL_RETRANSMIT + slot * EventLayout.MARK_BYTES;
    }
    int slot = kind.ordinal() * OLDER_CAPACITY + (number & (OLDER_CAPACITY - 1));
    return EventLayout.JOURNAL_OLDER + slot * EventLayout.MARK_BYTES;
  }

  private int localAddress() {
    return whole ? EventLayout.JOURNAL_LOCAL_ADDRESS : EventLayout.EXCHANGE_LOCAL_ADDRESS;
  }

  private int remoteAddress() {
    return whole ? EventLayout.JOURNAL_REMOTE_ADDRESS : EventLayout.EXCHANGE_REMOTE_ADDRESS;
  }

  /** Eight bytes in the order in which they are written, whatever the machine's. */
  private long written(int offset) {
    long number = longAt(offset);
    return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? number : Long.reverseBytes(number);
  }

  private int shortAt(int offset) {
    return Short.toUnsignedInt(ring.getShort(base + offset));
  }

  private int intAt(int offset) {
    return ring.getInt(base + offset);
  }

  private long longAt(int offset) {
    return ring.getLong(base + offset);
  }
}
