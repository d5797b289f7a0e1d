package io.hdrlog.core.wire;

import io.hdrlog.core.http.Ascii;

/** What the first line of a request says of what follows (RFC 9112, 3). */
final class RequestLine {
  enum Kind {
    HTTP_1,
    /** A method and a target alone: the response is nothing but its body. */
    HTTP_0_9,
    /** The first line of HTTP/2's preface (RFC 9113, 3.4). */
    PREFACE,
    MALFORMED
  }

  private static final byte[] VERSION = Ascii.bytes("http/");
  private static final byte[] PREFACE_LINE = Ascii.bytes("pri * http/2.0");
  private static final byte[] HEAD = Ascii.bytes("head");
  private static final byte[] CONNECT = Ascii.bytes("connect");

  private RequestLine() {}

  /** Reads the line in [0, length), its line end included. */
  static Kind kind(byte[] b, int length) {
    int end = length;
    while (end > 0 && (b[end - 1] == '\n' || b[end - 1] == '\r' || Ascii.isBlank(b[end - 1]))) {
      end--;
    }
    int methodEnd = methodEnd(b, end);
    int target = skipBlanks(b, methodEnd, end);
    if (methodEnd == 0 || target == methodEnd || target == end) {
      return Kind.MALFORMED;
    }
    int word = end;
    while (word > target && !Ascii.isBlank(b[word - 1])) {
      word--;
    }
    boolean versioned = Ascii.startsWithIgnoreCase(b, word, end, VERSION);
    if (!versioned) {
      return word == target ? Kind.HTTP_0_9 : Kind.MALFORMED;
    }
    if (word == target) {
      return Kind.MALFORMED;
    }
    if (Ascii.equalsIgnoreCase(b, 0, end, PREFACE_LINE)) {
      return Kind.PREFACE;
    }
    boolean one =
        end - word == 8 && b[word + 5] == '1' && b[word + 6] == '.' && Ascii.isDigit(b[word + 7]);
    return one ? Kind.HTTP_1 : Kind.MALFORMED;
  }

  static boolean isHead(byte[] b, int length) {
    return isMethod(b, length, HEAD);
  }

  static boolean isConnect(byte[] b, int length) {
    return isMethod(b, length, CONNECT);
  }

  /** Methods are case-sensitive, and those of the two that change framing come in capitals. */
  private static boolean isMethod(byte[] b, int length, byte[] lower) {
    if (length <= lower.length || !Ascii.isBlank(b[lower.length])) {
      return false;
    }
    for (int i = 0; i < lower.length; i++) {
      if (b[i] != lower[i] - 32) {
        return false;
      }
    }
    return true;
  }

  /**
   * True if the bytes begin like a request that is worth starting with in the middle of a
   * connection: a method in capitals, a target, and HTTP/1 at the end of the line, or where the
   * line goes on beyond the bytes, a target that begins like one.
   */
  static boolean isRecognisable(byte[] b, int from, int to) {
    int at = from;
    while (at < to && b[at] >= 'A' && b[at] <= 'Z') {
      at++;
    }
    if (at - from < 3 || at - from > 20 || at + 1 >= to || b[at] != ' ') {
      return false;
    }
    int end = Ascii.lineEnd(b, at, to);
    if (end == to) {
      return b[at + 1] == '/' || b[at + 1] == '*' || (b[at + 1] | 0x20) == 'h';
    }
    int version = end - 8;
    return version > at + 1
        && b[version - 1] == ' '
        && Ascii.startsWithIgnoreCase(b, version, end, VERSION);
  }

  private static int methodEnd(byte[] b, int to) {
    int i = 0;
    while (i < to && Ascii.isToken(b[i])) {
      i++;
    }
    return i;
  }

  private static int skipBlanks(byte[] b, int from, int to) {
    int i = from;
    while (i < to && Ascii.isBlank(b[i])) {
      i++;
    }
    return i;
  }
}
