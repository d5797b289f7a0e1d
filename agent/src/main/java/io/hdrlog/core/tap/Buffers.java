package io.hdrlog.core.tap;

import java.nio.ByteBuffer;

/** Where in several buffers the bytes are that one call moved. */
final class Buffers {
  private static final int MORE_FIRST = 16;

  private Buffers() {}

  /** Of a thread, the positions of a call's third buffer and those after it. */
  private static final ThreadLocal<int[]> MORE = ThreadLocal.withInitial(() -> new int[MORE_FIRST]);

  /** Of a thread, how much there was in each buffer of a call. */
  private static final ThreadLocal<int[]> LENGTHS =
      ThreadLocal.withInitial(() -> new int[MORE_FIRST]);

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

  /** As {@link #positions}; how much there is in each is kept for the thread as well. */
  static long spans(ByteBuffer[] buffers, int offset, int length) {
    int[] lengths = LENGTHS.get();
    if (lengths.length < length) {
      lengths = new int[Math.max(length, lengths.length * 2)];
      LENGTHS.set(lengths);
    }
    for (int i = 0; i < length; i++) {
      lengths[i] = buffers[offset + i].remaining();
    }
    return positions(buffers, offset, length);
  }

  /** How much there was in each buffer of this thread's newest {@link #spans}. */
  static int[] lengths() {
    return LENGTHS.get();
  }
}
