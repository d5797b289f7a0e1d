package io.hdrlog.core.wire;

import io.hdrlog.core.http.Ascii;

/**
 * Finds the end of a header block, byte by byte or in one go. Lines end at LF; the CR before it is
 * optional, as every server has it (RFC 9112, 2.2). A line of nothing but CRs is empty.
 */
final class HeadLines {
  private boolean content;
  private boolean first;
  private boolean ended;

  /**
   * @param inLine true if some of the first line has been read already, so that it is not empty
   */
  void begin(boolean inLine) {
    content = inLine;
    first = true;
    ended = false;
  }

  /**
   * Reads on from {@code from} and returns how far: behind the first line, behind the empty line
   * that ends the block, or {@code to}.
   */
  int scan(byte[] bytes, int from, int to) {
    int i = from;
    while (i < to) {
      int end = Ascii.lineEnd(bytes, i, to);
      content |= end > i;
      if (end == to) {
        return to;
      }
      i = end + 1;
      if (bytes[end] == '\n') {
        if (!content) {
          ended = true;
          return i;
        }
        content = false;
        if (first) {
          first = false;
          return i;
        }
      }
    }
    return i;
  }

  /** False once the start line has ended. */
  boolean inFirstLine() {
    return first;
  }

  /** True once the empty line has been read. */
  boolean ended() {
    return ended;
  }
}
