package io.hdrlog.core.http;

/**
 * What is kept of lines that were still being sent when reading them ended. Half a value may be
 * half a secret, which no mask would know: the last line is left out unless it is whole.
 */
public final class WholeLines {
  private WholeLines() {}

  /** How much of header lines that did not end. */
  public static int length(byte[] lines, int length) {
    int end = lineStart(lines, length);
    // A line that begins with a blank goes on with the value of the line before.
    while (end > 0 && end < length && Ascii.isBlank(lines[end])) {
      end = lineStart(lines, end - 1);
    }
    return end;
  }

  /** How much of a request's head that did not end. */
  public static int ofRequest(byte[] head, int length) {
    for (int i = 0; i < length; i++) {
      if (head[i] == '\n') {
        return Math.max(i + 1, length(head, length));
      }
    }
    return wholeParts(head, length);
  }

  private static int lineStart(byte[] lines, int length) {
    int start = length;
    while (start > 0 && lines[start - 1] != '\n') {
      start--;
    }
    return start;
  }

  /**
   * Of half a request line the method, and the path where a query follows it. A blank says nothing:
   * it may stand in a target that is malformed.
   */
  private static int wholeParts(byte[] line, int length) {
    int method = 0;
    for (int i = 0; i < length; i++) {
      if (line[i] == '?') {
        return i;
      }
      if (method == 0 && Ascii.isBlank(line[i])) {
        method = i + 1;
      }
    }
    return method;
  }
}
