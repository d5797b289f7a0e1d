package io.hdrlog.core.tap;

import java.nio.ByteBuffer;

/**
 * Where TLS records begin in one direction of a socket, RFC 8446 section 5.1: five bytes of header,
 * of which the last two are the length of what follows. For a blocking TLS socket, whose plaintext
 * comes with no position of its own.
 */
final class TlsRecords {
  private static final int HEADER_BYTES = 5;

  private static final byte APPLICATION_DATA = 23;

  // What AEAD ciphers add to every record, its header included: of TLS 1.3 a tag and a type, of
  // 1.2 a tag and, but for ChaCha20, a nonce.
  static final int ADDED_13 = HEADER_BYTES + 16 + 1;
  static final int ADDED_12 = HEADER_BYTES + 8 + 16;
  static final int ADDED_12_CHACHA = HEADER_BYTES + 16;

  private long position;
  private long lastStart;
  private int headerSeen;
  private int length;
  private int left;

  /**
   * Where in these bytes the records begin that made the plaintext, if each of them and all behind
   * it is longer than its own by {@code added}: the end of a handshake may stand in front. Negative
   * if it is not so, because there are no whole records, or not all of these made it.
   */
  static int dataFrom(ByteBuffer buffer, int index, int bytes, int plaintext, int added) {
    int end = index + bytes;
    int data = index;
    int sum = 0;
    int at = index;
    while (at + HEADER_BYTES <= end) {
      int length = bytes(buffer, at);
      if (buffer.get(at) == APPLICATION_DATA) {
        sum += length - added;
      } else {
        data = at + length;
        sum = 0;
      }
      at += length;
    }
    while (at == end && data < end && sum > plaintext) {
      int length = bytes(buffer, data);
      sum -= length - added;
      data += length;
    }
    return at == end && data < end && sum == plaintext ? data : -1;
  }

  /** The length of the record that begins there, with its header. */
  static int bytes(ByteBuffer buffer, int index) {
    return HEADER_BYTES
        + ((buffer.get(index + HEADER_BYTES - 2) & 0xff) << 8
            | (buffer.get(index + HEADER_BYTES - 1) & 0xff));
  }

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
