package io.hdrlog.core.tap;

import java.nio.ByteBuffer;

/** Where in several buffers the bytes are that one call moved. */
final class Buffers {
  private Buffers() {}

  /** The positions of the first two, in one number: what is needed after the call. */
  static long positions(ByteBuffer[] buffers, int offset, int length) {
    long first = length > 0 ? buffers[offset].position() : 0;
    long second = length > 1 ? buffers[offset + 1].position() : 0;
    return first << 32 | second;
  }

  /**
   * Where in a buffer the bytes begin, after the call. The third one's beginning is known if it is
   * the last that was reached; -1 if it is not.
   */
  static int start(ByteBuffer buffer, int index, long before, long left) {
    if (index == 0) {
      return (int) (before >>> 32);
    }
    if (index == 1) {
      return (int) before;
    }
    return left <= buffer.position() ? (int) (buffer.position() - left) : -1;
  }
}
