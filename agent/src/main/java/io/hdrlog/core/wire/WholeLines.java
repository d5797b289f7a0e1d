package io.hdrlog.core.wire;

/**
 * What is kept of header lines that were still being sent when the connection ended. Half a value
 * may be half a secret, which no mask would know: the last line is left out unless it is whole.
 */
final class WholeLines {
  private WholeLines() {}

  static int length(byte[] lines, int length) {
    int end = length;
    while (end > 0 && lines[end - 1] != '\n') {
      end--;
    }
    return end;
  }
}
