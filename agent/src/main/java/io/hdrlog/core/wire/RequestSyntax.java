package io.hdrlog.core.wire;

import io.hdrlog.core.http.Ascii;

/**
 * Whether a request of HTTP/1 breaks the rules that make a server answer 400 (RFC 9112). Asked only
 * where the answer is an error: a well answered request need not be looked at twice.
 */
final class RequestSyntax {
  private static final byte[] HOST = Ascii.bytes("host");

  private RequestSyntax() {}

  /** Looks at a head whose request line was of {@link RequestLine.Kind#HTTP_1}. */
  static boolean isMalformed(byte[] head, int length) {
    int line = lineEnd(head, 0, length);
    if (isBadLine(head, line)) {
      return true;
    }
    boolean hostNeeded = !endsWith(head, line, "HTTP/1.0");
    int hosts = 0;
    int at = Math.min(length, line + 1);
    boolean first = true;
    while (at < length) {
      int end = lineEnd(head, at, length);
      int textEnd = end;
      while (textEnd > at && head[textEnd - 1] == '\r') {
        textEnd--;
      }
      if (textEnd == at) {
        break;
      }
      boolean continuation = Ascii.isBlank(head[at]);
      if ((continuation && first) || hasControl(head, at, textEnd)) {
        return true;
      }
      if (!continuation) {
        int colon = at;
        while (colon < textEnd && Ascii.isToken(head[colon])) {
          colon++;
        }
        if (colon == at || colon == textEnd || head[colon] != ':') {
          return true;
        }
        if (Ascii.equalsIgnoreCase(head, at, colon - at, HOST)) {
          hosts++;
        }
      }
      first = false;
      at = end + 1;
    }
    // RFC 9112, 3.2: none or more than one must be answered with 400.
    return hostNeeded ? hosts != 1 : hosts > 1;
  }

  /** More than three words, or what no word may have (RFC 9112, 3). */
  private static boolean isBadLine(byte[] b, int lineEnd) {
    int end = lineEnd;
    while (end > 0 && (b[end - 1] == '\r' || Ascii.isBlank(b[end - 1]))) {
      end--;
    }
    int words = 1;
    for (int i = 1; i < end; i++) {
      if (!Ascii.isBlank(b[i]) && Ascii.isBlank(b[i - 1])) {
        words++;
      }
    }
    return words > 3 || hasControl(b, 0, end);
  }

  private static boolean hasControl(byte[] b, int from, int to) {
    for (int i = from; i < to; i++) {
      if ((b[i] >= 0 && b[i] < ' ' && b[i] != '\t') || b[i] == 0x7f) {
        return true;
      }
    }
    return false;
  }

  private static boolean endsWith(byte[] b, int lineEnd, String version) {
    int end = lineEnd;
    while (end > 0 && (b[end - 1] == '\r' || Ascii.isBlank(b[end - 1]))) {
      end--;
    }
    int from = end - version.length();
    if (from < 0) {
      return false;
    }
    for (int i = 0; i < version.length(); i++) {
      if (b[from + i] != version.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static int lineEnd(byte[] b, int from, int to) {
    int i = from;
    while (i < to && b[i] != '\n') {
      i++;
    }
    return i;
  }
}
