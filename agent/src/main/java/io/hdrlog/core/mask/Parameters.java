package io.hdrlog.core.mask;

import io.hdrlog.core.http.Ascii;
import java.util.Arrays;

/**
 * Finds the values of masked parameters in queries, in path parameters and in URLs within a value.
 *
 * <p>A parameter ends at {@code &}, {@code ;}, {@code ?} or {@code #}, but the value of a masked
 * one goes on over pieces that have no {@code =} of their own: a password may hold such a byte.
 * URLs given percent-encoded as a parameter's value are looked through as well.
 */
final class Parameters {
  /** Names are remembered, so that the globs are tried once a name. Power of two. */
  private static final int REMEMBERED = 512;

  private static final int REMEMBERED_LENGTH = 48;

  private final Globs masked;
  private byte[] decoded = new byte[256];

  // Slots are filled in place: a stream of ever new names allocates nothing.
  private final byte[] names = new byte[REMEMBERED * REMEMBERED_LENGTH];
  private final byte[] lengths = new byte[REMEMBERED];
  private final boolean[] answers = new boolean[REMEMBERED];

  // Of the percent escape that escaped() found.
  private int escapedEnd;

  Parameters(Globs masked) {
    this.masked = masked;
  }

  /**
   * @param escapes whether there may be percent escapes
   */
  void find(byte[] b, int from, int to, boolean escapes, Ranges out) {
    int i = from;
    while (i < to) {
      int equals = -1;
      int end = i;
      while (end < to && !isDelimiter(b[end])) {
        if (b[end] == '=' && equals < 0) {
          equals = end;
        }
        end++;
      }
      if (equals >= 0) {
        if (isMasked(b, i, equals)) {
          end = valueEnd(b, end, to);
          out.addEvenEmpty(equals + 1, end);
          i = end + 1;
          continue;
        }
      }
      if (escapes) {
        nested(b, i, end, out);
      }
      i = end + 1;
    }
  }

  /** Over the pieces that belong to a masked value. */
  private static int valueEnd(byte[] b, int from, int to) {
    int end = from;
    while (end < to && b[end] != '&') {
      int next = end + 1;
      while (next < to && !isDelimiter(b[next]) && b[next] != '=') {
        next++;
      }
      if (next < to && b[next] == '=') {
        return end;
      }
      end = next;
    }
    return end;
  }

  /** Parameters of a URL that is itself percent-encoded: {@code %3Ftoken%3Dx%26}. */
  private void nested(byte[] b, int from, int to, Ranges out) {
    int i = from;
    while (i < to) {
      if (b[i] != '%') {
        i++;
        continue;
      }
      int delimiter = escaped(b, i, to);
      if (delimiter < 0 || !isDelimiter((byte) delimiter)) {
        i++;
        continue;
      }
      int name = escapedEnd;
      int equals = name;
      int value = -1;
      while (equals < to && value < 0) {
        if (b[equals] == '=') {
          value = equals + 1;
        } else if (b[equals] == '%') {
          int c = escaped(b, equals, to);
          if (c == '=') {
            value = escapedEnd;
          } else if (c >= 0 && isDelimiter((byte) c)) {
            break;
          } else {
            equals++;
          }
        } else {
          equals++;
        }
      }
      if (value >= 0 && isMasked(b, name, equals)) {
        int end = value;
        while (end < to && !(b[end] == '%' && escaped(b, end, to) == '&')) {
          end++;
        }
        out.addEvenEmpty(value, end);
        i = end;
      } else {
        i = Math.max(equals, i + 1);
      }
    }
  }

  /** The byte that {@code %XX} (or {@code %25XX}: encoded more than once) stands for, or -1. */
  private int escaped(byte[] b, int i, int to) {
    int at = i + 1;
    while (at + 3 < to && b[at] == '2' && b[at + 1] == '5') {
      at += 2;
    }
    if (at + 1 >= to) {
      return -1;
    }
    int high = Ascii.hex(b[at]);
    int low = Ascii.hex(b[at + 1]);
    escapedEnd = at + 2;
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }

  private static boolean isDelimiter(byte c) {
    return c == '&' || c == ';' || c == '?' || c == '#';
  }

  boolean isMasked(byte[] b, int from, int to) {
    int length = to - from;
    if (length > REMEMBERED_LENGTH) {
      return matches(b, from, to);
    }
    int slot = Ascii.hash(b, from, length) & (REMEMBERED - 1);
    int name = slot * REMEMBERED_LENGTH;
    if (length > 0
        && lengths[slot] == length
        && Arrays.equals(names, name, name + length, b, from, to)) {
      return answers[slot];
    }
    boolean answer = matches(b, from, to);
    System.arraycopy(b, from, names, name, length);
    lengths[slot] = (byte) length;
    answers[slot] = answer;
    return answer;
  }

  private boolean matches(byte[] b, int from, int to) {
    if (decoded.length < to - from) {
      decoded = new byte[to - from];
    }
    int n = 0;
    int i = from;
    while (i < to) {
      byte c = b[i];
      int next = i + 1;
      if (c == '%') {
        int value = escaped(b, i, to);
        if (value >= 0) {
          c = (byte) value;
          next = escapedEnd;
        }
      }
      i = next;
      // Blanks and controls cannot hide a name.
      if (c > ' ' || c < 0) {
        decoded[n++] = Ascii.lower(c);
      }
    }
    return masked.match(decoded, 0, n);
  }
}
