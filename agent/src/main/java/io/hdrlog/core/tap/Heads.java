package io.hdrlog.core.tap;

import io.hdrlog.core.http.WholeLines;
import java.nio.charset.StandardCharsets;

/** The little that must be known of raw heads on an application's thread. */
final class Heads {
  private static final byte[] TRANSFER_ENCODING =
      "\ntransfer-encoding:".getBytes(StandardCharsets.US_ASCII);

  private Heads() {}

  /** How many of the bytes are CR and LF in front of a request line (RFC 9112 section 2.2). */
  static int leadingLineEnds(byte[] bytes, int offset, int length) {
    int n = 0;
    while (n < length && (bytes[offset + n] == '\r' || bytes[offset + n] == '\n')) {
      n++;
    }
    return n;
  }

  /** The length up to and with the first empty line; what is whole of it if there is none. */
  static int blockLength(byte[] bytes, int length) {
    for (int i = 0; i + 1 < length; i++) {
      if (bytes[i] == '\n') {
        if (bytes[i + 1] == '\n') {
          return i + 2;
        }
        if (i + 2 < length && bytes[i + 1] == '\r' && bytes[i + 2] == '\n') {
          return i + 3;
        }
      }
    }
    return WholeLines.ofRequest(bytes, length);
  }

  /** The status in {@code HTTP/1.1 200 }, or 0. */
  static int status(byte[] bytes, int offset, int length) {
    if (length < 12) {
      return 0;
    }
    int a = bytes[offset + 9] - '0';
    int b = bytes[offset + 10] - '0';
    int c = bytes[offset + 11] - '0';
    return ((a | b | c) & ~15) != 0 ? 0 : a * 100 + b * 10 + c;
  }

  /** Whether the block names a transfer encoding. */
  static boolean hasTransferEncoding(byte[] bytes, int length) {
    return has(TRANSFER_ENCODING, bytes, length);
  }

  /** Whether the block has the text, which is given in lower case. */
  static boolean has(byte[] text, byte[] bytes, int length) {
    int last = length - text.length;
    for (int i = 0; i <= last; i++) {
      if (matches(text, bytes, i)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether a line of the head, the first aside, begins with the name and a colon. Containers that
   * keep names as they were sent name {@code A} and {@code a}, and give all values for either.
   */
  static boolean names(String name, byte[] head, int length) {
    int nameLength = name.length();
    int last = length - nameLength - 2;
    for (int i = 0; i <= last; i++) {
      if (head[i] == '\n' && head[i + nameLength + 1] == ':' && isName(name, head, i + 1)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isName(String name, byte[] head, int at) {
    for (int i = 0; i < name.length(); i++) {
      if (lower(head[at + i]) != lower(name.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static int lower(int c) {
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
  }

  private static boolean matches(byte[] text, byte[] bytes, int at) {
    for (int i = 0; i < text.length; i++) {
      int b = bytes[at + i];
      if (b >= 'A' && b <= 'Z') {
        b += 'a' - 'A';
      }
      if (b != text[i]) {
        return false;
      }
    }
    return true;
  }
}
