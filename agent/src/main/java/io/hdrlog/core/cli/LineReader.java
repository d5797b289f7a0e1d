package io.hdrlog.core.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Cuts a stream into lines; the half line at the end is kept for when more of it comes. */
final class LineReader {
  /** No record is longer; a line beyond it is no record, and is read over. */
  private static final int LINE_MAX_BYTES = 16 << 20;

  private final InputStream in;
  private byte[] buffer = new byte[64 * 1024];
  private int from;
  private int to;
  private boolean skipping;

  LineReader(InputStream in) {
    this.in = in;
  }

  /** The next full line without its end; null where there is none yet. */
  byte[] next() throws IOException {
    int scanned = from;
    while (true) {
      for (int i = scanned; i < to; i++) {
        if (buffer[i] == '\n') {
          byte[] line = Arrays.copyOfRange(buffer, from, i);
          from = i + 1;
          scanned = from;
          if (skipping) {
            skipping = false;
            continue;
          }
          return line;
        }
      }
      makeRoom();
      scanned = to;
      int read = in.read(buffer, to, buffer.length - to);
      if (read <= 0) {
        return null;
      }
      to += read;
    }
  }

  private void makeRoom() {
    if (from > 0) {
      System.arraycopy(buffer, from, buffer, 0, to - from);
      to -= from;
      from = 0;
    }
    if (to == buffer.length) {
      if (buffer.length >= LINE_MAX_BYTES) {
        skipping = true;
        to = 0;
      } else {
        buffer = Arrays.copyOf(buffer, buffer.length * 2);
      }
    }
  }
}
