package io.hdrlog.core.tap;

import java.nio.ByteBuffer;

/** Where in several buffers the bytes are that one call moved. */
final class Buffers {
  private static final int MORE_FIRST = 16;

  private Buffers() {}

  /** Of a thread, the positions of a call's third buffer and those after it. */
  private static final ThreadLocal<int[]> MORE = ThreadLocal.withInitial(() -> new int[MORE_FIRST]);

  /** The positions of the first two, in one number; those of the others are kept for the thread. */
  static long positions(ByteBuffer[] buffers, int offset, int length) {
    long first = length > 0 ? buffers[offset].position() : 0;
    long second = length > 1 ? buffers[offset + 1].position() : 0;
    if (length > 2) {
      int[] more = MORE.get();
      if (more.length < length) {
        more = new int[Math.max(length, more.length * 2)];
        MORE.set(more);
      }
      for (int i = 2; i < length; i++) {
        more[i] = buffers[offset + i].position();
      }
    }
    return first << 32 | second;
  }

  /** Where in a buffer the bytes begin, after the call. */
  static int start(int index, long before) {
    if (index == 0) {
      return (int) (before >>> 32);
    }
    return index == 1 ? (int) before : MORE.get()[index];
  }
}
