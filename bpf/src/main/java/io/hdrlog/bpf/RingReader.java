package io.hdrlog.bpf;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * Reads a BPF ring buffer where the kernel writes it, without a call and without an object per
 * record.
 *
 * <pre>
 *   consumer page   [consumer position]                                    ours to write
 *   producer page   [producer position]  data ...                          the kernel's
 *
 *   record: header { length and flags (4), page offset (4) }, payload, padding to 8
 * </pre>
 *
 * <p>Positions only grow; the place is the position modulo the ring's size. The kernel would show
 * the data twice in a row, so that a record that wraps around stands in one piece; those pages
 * count twice in the process's RSS. So the ring is mapped once, and the one record in some ten
 * thousand that wraps is put together here.
 */
final class RingReader {
  /** Reserved, not yet written: whatever follows waits, too. */
  static final int BUSY = 1 << 31;

  /** Written, but to be skipped. */
  static final int DISCARDED = 1 << 30;

  static final int HEADER_BYTES = 8;

  private final ByteBuffer consumer;
  private final ByteBuffer producer;
  private final int dataStart;
  private final int dataBytes;
  private ByteBuffer wrapped = ByteBuffer.allocateDirect(0);
  private long position;

  /** Takes a record's payload. */
  interface Records {
    void onRecord(ByteBuffer ring, int offset, int length);
  }

  /**
   * @param consumer the consumer's page
   * @param producer the producer's page and, from {@code dataStart} on, {@code dataBytes}
   */
  RingReader(ByteBuffer consumer, ByteBuffer producer, int dataStart, int dataBytes) {
    if (Integer.bitCount(dataBytes) != 1 || producer.capacity() < dataStart + dataBytes) {
      throw new IllegalArgumentException("ring bytes=" + dataBytes);
    }
    this.consumer = consumer;
    this.producer = producer;
    this.dataStart = dataStart;
    this.dataBytes = dataBytes;
    this.position = consumer.getLong(0);
  }

  /** Hands over at most {@code limit} records; their room is given back once, at the end. */
  int read(Records records, int limit) {
    long end = producer.getLong(0);
    // Pairs with the kernel's release: what stands before the position is there now.
    VarHandle.acquireFence();
    long start = position;
    int taken = 0;
    try {
      while (position < end && taken < limit) {
        int at = dataStart + (int) (position & (dataBytes - 1));
        int header = producer.getInt(at);
        VarHandle.acquireFence();
        if ((header & BUSY) != 0) {
          break;
        }
        int length = header & ~DISCARDED;
        // Before the call, so that a record that makes its reader fail is not read again.
        position += (HEADER_BYTES + length + 7L) & ~7L;
        if ((header & DISCARDED) == 0) {
          taken++;
          int inOnePiece = dataStart + dataBytes - at - HEADER_BYTES;
          if (length <= inOnePiece) {
            records.onRecord(producer, at + HEADER_BYTES, length);
          } else {
            records.onRecord(joined(at + HEADER_BYTES, inOnePiece, length), 0, length);
          }
        }
      }
    } finally {
      if (position != start) {
        VarHandle.releaseFence();
        consumer.putLong(0, position);
      }
    }
    return taken;
  }

  private ByteBuffer joined(int at, int first, int length) {
    if (wrapped.capacity() < length) {
      wrapped = ByteBuffer.allocateDirect(length).order(producer.order());
    }
    wrapped.put(0, producer, at, first);
    wrapped.put(first, producer, dataStart, length - first);
    return wrapped;
  }
}
