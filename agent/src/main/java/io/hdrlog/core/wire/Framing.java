package io.hdrlog.core.wire;

import io.hdrlog.core.http.Ascii;

/** What a head says of the length of what follows, and of leaving HTTP/1 (RFC 9112, 6). */
final class Framing {
  static final long NO_LENGTH = -1;

  private static final byte[] CONTENT_LENGTH = Ascii.bytes("content-length");
  private static final byte[] TRANSFER_ENCODING = Ascii.bytes("transfer-encoding");
  private static final byte[] UPGRADE = Ascii.bytes("upgrade");
  private static final byte[] CHUNKED = Ascii.bytes("chunked");
  private static final byte[] IDENTITY = Ascii.bytes("identity");
  private static final byte[] H2C = Ascii.bytes("h2c");

  /** Longer bodies than this are a mistake: the sum of two must not overflow. */
  private static final long LENGTH_MAX = Long.MAX_VALUE / 4;

  private static final int TAIL_LINE_MAX = 512;

  private long contentLength;
  private boolean contentLengthBad;
  private boolean transferCoded;
  private boolean chunkedLast;
  private boolean h2c;

  // The line that is being read behind the limit of what is kept of a head; see tail().
  private byte[] tailLine;
  private int tailLength;

  void begin() {
    contentLength = NO_LENGTH;
    contentLengthBad = false;
    transferCoded = false;
    chunkedLast = false;
    h2c = false;
    tailLine = null;
  }

  /** Reads the header lines in [from, to): whole lines, but for the last of a head that was cut. */
  void read(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to) {
      int end = lineFeed(bytes, at, to);
      if (end == to) {
        return;
      }
      int next = end + 1;
      if (mayMatter(bytes[at])) {
        // Continuation lines (RFC 9112, 5.2) belong to the value.
        while (next < to && Ascii.isBlank(bytes[next])) {
          end = lineFeed(bytes, next, to);
          next = Math.min(to, end + 1);
        }
        line(bytes, at, end);
      }
      at = next;
    }
  }

  /**
   * Reads what lies behind the limit of a kept head, so that framing is exact however long a head
   * is. Lines are gathered up to a length that no line that matters exceeds.
   *
   * @param head what was kept; its last line may go on in the bytes
   */
  void tail(byte[] head, int headLength, byte[] bytes, int from, int to) {
    if (tailLine == null) {
      tailLine = new byte[TAIL_LINE_MAX];
      tailLength = 0;
      int start = headLength;
      while (start > 0 && head[start - 1] != '\n') {
        start--;
      }
      for (int i = start; i < headLength; i++) {
        tailByte(head[i]);
      }
    }
    for (int i = from; i < to; i++) {
      tailByte(bytes[i]);
    }
  }

  private void tailByte(byte b) {
    if (b == '\n') {
      if (tailLength > 0 && tailLength < TAIL_LINE_MAX && mayMatter(tailLine[0])) {
        line(tailLine, 0, tailLength);
      }
      tailLength = 0;
    } else if (tailLength < TAIL_LINE_MAX) {
      tailLine[tailLength++] = b;
    }
  }

  /** Most headers are told apart by their first letter. */
  private static boolean mayMatter(byte first) {
    int b = first | 0x20;
    return b == 'c' || b == 't' || b == 'u';
  }

  private void line(byte[] b, int from, int to) {
    int colon = Ascii.indexOf(b, from, Math.min(to, from + 64), ':');
    if (colon < 0) {
      return;
    }
    int nameEnd = colon;
    // A blank before the colon is forbidden, and what takes it all the same takes the name.
    while (nameEnd > from && Ascii.isBlank(b[nameEnd - 1])) {
      nameEnd--;
    }
    int length = nameEnd - from;
    if (Ascii.equalsIgnoreCase(b, from, length, CONTENT_LENGTH)) {
      contentLength(b, colon + 1, to);
    } else if (Ascii.equalsIgnoreCase(b, from, length, TRANSFER_ENCODING)) {
      transferEncoding(b, colon + 1, to);
    } else if (Ascii.equalsIgnoreCase(b, from, length, UPGRADE)) {
      h2c |= hasToken(b, colon + 1, to, H2C);
    }
  }

  /** A list of equal numbers is one number (RFC 9110, 8.6). */
  private void contentLength(byte[] b, int from, int to) {
    int at = from;
    while (true) {
      int end = elementEnd(b, at, to);
      int first = skipSpace(b, at, end);
      int last = trimSpace(b, first, end);
      long value = number(b, first, last);
      if (value < 0 || (contentLength != NO_LENGTH && contentLength != value)) {
        contentLengthBad = true;
        return;
      }
      contentLength = value;
      if (end == to) {
        return;
      }
      at = end + 1;
    }
  }

  private static long number(byte[] b, int from, int to) {
    long value = 0;
    for (int i = from; i < to; i++) {
      if (!Ascii.isDigit(b[i]) || value > LENGTH_MAX / 10) {
        return -1;
      }
      value = value * 10 + b[i] - '0';
    }
    return from == to ? -1 : value;
  }

  /** Only the last coding of the last line counts: it is the outermost. */
  private void transferEncoding(byte[] b, int from, int to) {
    int at = from;
    while (true) {
      int end = elementEnd(b, at, to);
      int first = skipSpace(b, at, end);
      int last = trimSpace(b, first, end);
      boolean identity = Ascii.equalsIgnoreCase(b, first, last - first, IDENTITY);
      // Alone it means nothing (RFC 2616 had it); behind another it is what it says, the outermost.
      if (last > first && (transferCoded || !identity)) {
        transferCoded = true;
        chunkedLast = Ascii.equalsIgnoreCase(b, first, last - first, CHUNKED);
      }
      if (end == to) {
        return;
      }
      at = end + 1;
    }
  }

  private static boolean hasToken(byte[] b, int from, int to, byte[] lower) {
    int at = from;
    while (true) {
      int end = elementEnd(b, at, to);
      int first = skipSpace(b, at, end);
      if (Ascii.equalsIgnoreCase(b, first, trimSpace(b, first, end) - first, lower)) {
        return true;
      }
      if (end == to) {
        return false;
      }
      at = end + 1;
    }
  }

  private static int lineFeed(byte[] b, int from, int to) {
    int end = Ascii.lineEnd(b, from, to);
    while (end < to && b[end] != '\n') {
      end = Ascii.lineEnd(b, end + 1, to);
    }
    return end;
  }

  private static int elementEnd(byte[] b, int from, int to) {
    int comma = Ascii.indexOf(b, from, to, ',');
    return comma < 0 ? to : comma;
  }

  private static int skipSpace(byte[] b, int from, int to) {
    int i = from;
    while (i < to && isSpace(b[i])) {
      i++;
    }
    return i;
  }

  private static int trimSpace(byte[] b, int from, int to) {
    int i = to;
    while (i > from && isSpace(b[i - 1])) {
      i--;
    }
    return i;
  }

  private static boolean isSpace(byte b) {
    return Ascii.isBlank(b) || b == '\r' || b == '\n';
  }

  /** The number, or {@link #NO_LENGTH}. */
  long contentLength() {
    return contentLength;
  }

  /** Not a number, or two different ones: where the message ends is anybody's guess. */
  boolean contentLengthBad() {
    return contentLengthBad;
  }

  boolean transferCoded() {
    return transferCoded;
  }

  boolean chunkedLast() {
    return chunkedLast;
  }

  boolean offersH2c() {
    return h2c;
  }
}
