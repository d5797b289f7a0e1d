package io.hdrlog.core.wire;

import io.hdrlog.core.exchange.Exchange;

/** The plaintext that is being read, how far it has been read, and where it lay on the wire. */
final class Chunk {
  byte[] bytes;
  int start;
  int limit;
  long ns;

  /** The next byte to be read. */
  int at;

  private long wireStart;
  private long wireEnd;
  private boolean exact;

  void set(byte[] from, int offset, int length, long start, long end, long atNs) {
    bytes = from;
    this.start = offset;
    at = offset;
    limit = offset + length;
    wireStart = start;
    wireEnd = end;
    // Under TLS the records that carried a chunk are known, not the place of a byte in them.
    exact = start >= 0 && end - start == length;
    ns = atNs;
  }

  /** Bytes belong to the application; none is kept longer than it takes to read them. */
  void release() {
    bytes = null;
  }

  boolean isEmpty() {
    return at >= limit;
  }

  void drop() {
    at = limit;
  }

  /** Position of the byte at {@code index}, or the lowest that it may have. */
  long before(int index) {
    if (wireStart < 0) {
      return Exchange.UNKNOWN;
    }
    return exact ? wireStart + (index - start) : wireStart;
  }

  /** Position behind the byte before {@code index}, or the highest that it may have. */
  long after(int index) {
    if (wireEnd < 0) {
      return Exchange.UNKNOWN;
    }
    return exact ? wireStart + (index - start) : wireEnd;
  }
}
