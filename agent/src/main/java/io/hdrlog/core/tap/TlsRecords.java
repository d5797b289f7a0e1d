package io.hdrlog.core.tap;

import java.nio.ByteBuffer;

/**
 * Where TLS records begin in one direction of a socket, RFC 8446 section 5.1: five bytes of header,
 * of which the last two are the length of what follows. For a blocking TLS socket, whose plaintext
 * comes with no position of its own.
 */
final class TlsRecords {
  private static final int HEADER_BYTES = 5;

  private long position;
  private long lastStart;
  private int headerSeen;
  private int length;
  private int left;

  /** Where the newest record begins. */
  long lastStart() {
    return lastStart;
  }

  void passed(ByteBuffer buffer, byte[] array, int index, int count) {
    for (int i = 0; i < count; ) {
      if (left > 0) {
        int step = Math.min(left, count - i);
        left -= step;
        position += step;
        i += step;
        continue;
      }
      if (headerSeen == 0) {
        lastStart = position;
        length = 0;
      }
      int b = (array != null ? array[index + i] : buffer.get(index + i)) & 0xff;
      if (headerSeen >= HEADER_BYTES - 2) {
        length = (length << 8) | b;
      }
      headerSeen++;
      position++;
      i++;
      if (headerSeen == HEADER_BYTES) {
        headerSeen = 0;
        left = length;
      }
    }
  }
}
