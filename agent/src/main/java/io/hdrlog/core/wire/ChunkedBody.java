package io.hdrlog.core.wire;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.http.Ascii;

/** Chunked transfer coding (RFC 9112, 7.1), one byte at a time but for the data. */
final class ChunkedBody {
  private enum State {
    SIZE,
    AFTER_SIZE,
    EXTENSION,
    DATA,
    AFTER_DATA,
    TRAILER,
    DONE,
    BAD
  }

  /** Sixteen hex digits less one bit would overflow; nobody sends such chunks. */
  private static final long SIZE_MAX = Long.MAX_VALUE >> 8;

  private State state = State.DONE;
  private long size;
  private boolean digits;
  private boolean lineStart;
  private long decoded;

  void begin() {
    state = State.SIZE;
    size = 0;
    digits = false;
    decoded = 0;
  }

  /** Reads on and returns how far: {@code to}, or less if the body ended or is none. */
  int consume(byte[] b, int from, int to, Exchange x, boolean request) {
    int i = from;
    while (i < to) {
      switch (state) {
        case SIZE -> i = size(b[i], i);
        case AFTER_SIZE -> i = afterSize(b[i], i);
        case EXTENSION -> {
          // Extensions mean nothing here; a quoted one cannot hold a line feed.
          int end = Ascii.lineEnd(b, i, to);
          i = end;
          if (end < to) {
            i++;
            if (b[end] == '\n') {
              sized();
            }
          }
        }
        case DATA -> {
          int n = (int) Math.min(size, to - i);
          skip(n);
          i += n;
        }
        case AFTER_DATA -> {
          if (b[i] == '\n') {
            state = State.SIZE;
            size = 0;
            digits = false;
            i++;
          } else if (b[i] == '\r') {
            i++;
          } else {
            state = State.BAD;
          }
        }
        case TRAILER -> i = trailer(b, i, to, x, request);
        case DONE, BAD -> {
          return i;
        }
      }
    }
    return i;
  }

  private int size(byte b, int i) {
    int digit = Ascii.hex(b);
    if (digit >= 0) {
      if (size > SIZE_MAX >> 4) {
        state = State.BAD;
        return i;
      }
      size = size << 4 | digit;
      digits = true;
      return i + 1;
    }
    if (!digits) {
      // Blanks before a size are taken by some; an empty line before it is not a size.
      if (Ascii.isBlank(b)) {
        return i + 1;
      }
      state = State.BAD;
      return i;
    }
    state = State.AFTER_SIZE;
    return i;
  }

  private int afterSize(byte b, int i) {
    if (b == '\n') {
      sized();
    } else if (b == ';') {
      state = State.EXTENSION;
    } else if (b != '\r' && !Ascii.isBlank(b)) {
      state = State.BAD;
      return i;
    }
    return i + 1;
  }

  private void sized() {
    if (size == 0) {
      state = State.TRAILER;
      lineStart = true;
    } else {
      state = State.DATA;
    }
  }

  /**
   * CRs at the beginning of a line are the empty line's, or noise; either way they are left out.
   */
  private int trailer(byte[] b, int from, int to, Exchange x, boolean request) {
    if (lineStart) {
      if (b[from] == '\n') {
        state = State.DONE;
        return from + 1;
      }
      if (b[from] == '\r') {
        return from + 1;
      }
      lineStart = false;
    }
    int end = from;
    while (end < to && b[end] != '\n') {
      end++;
    }
    if (end < to) {
      end++;
      lineStart = true;
    }
    append(x, request, b, from, end - from);
    return end;
  }

  private static void append(Exchange x, boolean request, byte[] b, int from, int length) {
    if (request) {
      x.appendRequestTrailer(b, from, length);
    } else {
      x.appendResponseTrailer(b, from, length);
    }
  }

  void skip(long n) {
    size -= n;
    decoded += n;
    if (size == 0) {
      state = State.AFTER_DATA;
    }
  }

  long skippable() {
    return state == State.DATA ? size : 0;
  }

  boolean done() {
    return state == State.DONE;
  }

  boolean bad() {
    return state == State.BAD;
  }

  long decoded() {
    return decoded;
  }
}
