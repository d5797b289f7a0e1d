package io.hdrlog.bpf;

import io.hdrlog.core.kernel.MarkKind;
import io.hdrlog.core.kernel.SocketJournal;
import java.nio.ByteBuffer;

/** The journal that lies at some place in the ring; one instance is moved from record to record. */
final class JournalView implements SocketJournal {
  /** The C side's own bits of the flags, if it has any, stay there. */
  private static final int FLAGS =
      OPENED | CLOSED | RESET_BY_PEER | RESET_BY_US | OUTBOUND | FIN_BY_PEER;

  private static final int ADDRESS_BYTES = 16;
  private static final int RECENT_MASK = EventLayout.JOURNAL_RECENT_ARRIVAL_LENGTH - 1;

  private ByteBuffer ring;
  private int base;
  private boolean brief;

  /**
   * The length says whether the report was cut behind the recent marks; false if it is neither
   * whole nor that.
   */
  boolean moveTo(ByteBuffer memory, int offset, int length) {
    ring = memory;
    base = offset;
    brief = length == EventLayout.JOURNAL_ARRIVAL;
    return brief || length == EventLayout.JOURNAL_BYTES;
  }

  @Override
  public long cookie() {
    return longAt(EventLayout.JOURNAL_COOKIE);
  }

  @Override
  public int flags() {
    return intAt(EventLayout.JOURNAL_FLAGS) & FLAGS;
  }

  @Override
  public void localAddress(byte[] into) {
    address(EventLayout.JOURNAL_LOCAL_ADDRESS, into);
  }

  @Override
  public void remoteAddress(byte[] into) {
    address(EventLayout.JOURNAL_REMOTE_ADDRESS, into);
  }

  @Override
  public int localPort() {
    return portAt(EventLayout.JOURNAL_LOCAL_PORT);
  }

  @Override
  public int remotePort() {
    return portAt(EventLayout.JOURNAL_REMOTE_PORT);
  }

  @Override
  public long establishedNs() {
    return longAt(EventLayout.JOURNAL_ESTABLISHED_NS);
  }

  @Override
  public long acceptedNs() {
    return longAt(EventLayout.JOURNAL_ACCEPTED_NS);
  }

  @Override
  public int srttUs() {
    return intAt(EventLayout.JOURNAL_SRTT_US);
  }

  @Override
  public int count(MarkKind kind) {
    return intAt(EventLayout.JOURNAL_COUNT + kind.ordinal() * 4);
  }

  @Override
  public int capacity(MarkKind kind) {
    if (brief) {
      return kind == MarkKind.RETRANSMIT ? 0 : 1;
    }
    return kind == MarkKind.RETRANSMIT
        ? EventLayout.JOURNAL_RETRANSMIT_LENGTH
        : EventLayout.JOURNAL_ARRIVAL_LENGTH;
  }

  @Override
  public long markNs(MarkKind kind, int number) {
    return longAt(mark(kind, number) + EventLayout.MARK_NS);
  }

  @Override
  public int markPosition(MarkKind kind, int number) {
    return intAt(mark(kind, number) + EventLayout.MARK_POSITION);
  }

  @Override
  public int markSegments(int number) {
    return intAt(mark(MarkKind.RETRANSMIT, number) + EventLayout.MARK_SEGMENTS);
  }

  private int mark(MarkKind kind, int number) {
    if (brief) {
      return recent(kind) + (number & RECENT_MASK) * EventLayout.MARK_BYTES;
    }
    return all(kind) + (number & (capacity(kind) - 1)) * EventLayout.MARK_BYTES;
  }

  private static int recent(MarkKind kind) {
    return switch (kind) {
      case ARRIVAL -> EventLayout.JOURNAL_RECENT_ARRIVAL;
      case READ -> EventLayout.JOURNAL_RECENT_READ;
      case SEND -> EventLayout.JOURNAL_RECENT_SEND;
      case ACK -> EventLayout.JOURNAL_RECENT_ACK;
      case RETRANSMIT -> throw new IllegalArgumentException("a brief report carries none");
    };
  }

  private static int all(MarkKind kind) {
    return switch (kind) {
      case ARRIVAL -> EventLayout.JOURNAL_ARRIVAL;
      case READ -> EventLayout.JOURNAL_READ;
      case SEND -> EventLayout.JOURNAL_SEND;
      case ACK -> EventLayout.JOURNAL_ACK;
      case RETRANSMIT -> EventLayout.JOURNAL_RETRANSMIT;
    };
  }

  private void address(int offset, byte[] into) {
    ring.get(base + offset, into, 0, ADDRESS_BYTES);
  }

  private int portAt(int offset) {
    return Short.toUnsignedInt(ring.getShort(base + offset));
  }

  private int intAt(int offset) {
    return ring.getInt(base + offset);
  }

  private long longAt(int offset) {
    return ring.getLong(base + offset);
  }
}
