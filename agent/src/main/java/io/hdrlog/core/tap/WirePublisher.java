package io.hdrlog.core.tap;

import java.nio.ByteBuffer;

/** Where plaintext goes. Any thread may call it; it never waits. */
public interface WirePublisher {
  /** The most bytes that one call may hand over. */
  int bytesMax();

  /**
   * Copies {@code count} bytes from {@code index} of the array or, where that is null, of the
   * buffer; false if there was no room.
   */
  boolean moved(
      WireChannel from,
      boolean sent,
      long at,
      ByteBuffer buffer,
      byte[] array,
      int index,
      int count,
      long start,
      long end,
      long nowNs);

  /** Says that the connection is closed; false if there was no room. */
  boolean closed(WireChannel from, long nowNs);
}
