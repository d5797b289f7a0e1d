package io.hdrlog.core.mask;

import io.hdrlog.core.http.Ascii;
import java.util.Arrays;

/**
 * Finds the values of masked parameters in queries, in path parameters and in URLs within a value.
 *
 * <p>A parameter ends at {@code &}, {@code ;}, {@code ?} or {@code #}, but the value of a masked
 * one goes on over pieces that have no {@code =} of their own: a password may hold such a byte. In
 * a query it goes on over all of them up to the {@code &}, as servers read it. URLs given
 * percent-encoded as a parameter's value are looked through as well.
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
   * In a query.
   *
   * @param escapes whether there may be percent escapes
   */
  void inQuery(byte[] b, int from, int to, boolean escapes, Ranges out) {
    find(b, from, to, escapes, true, out);
  }

  /** In a path or any other text, from what may be a delimiter or an escaped one. */
  void inText(byte[] b, int from, int to, Ranges out) {
    find(b, from, to, true, false, out);
  }

  private void find(byte[] b, int from, int to, boolean escapes, boolean inQuery, Ranges out) {
    boolean behindPath = inQuery;
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
      int value = -1;
      if (equals >= 0 && isMasked(b, i, equals)) {
        value = equals + 1;
      } else if (escapes) {
        value = nested(b, i, end, out);
      }
      if (value >= 0) {
        end = valueEnd(b, end, to, inQuery ? to : urlEnd(b, value, behindPath ? to : value));
        out.addEvenEmpty(value, end);
      }
      behindPath |= end < to && (b[end] == '?' || b[end] == '#');
      i = end + 1;
    }
  }

  /** Up to what no URL holds, behind which the text goes on, or to where a value ends anyway. */
  private static int urlEnd(byte[] b, int from, int to) {
    int i = from;
    while (i < to
        && b[i] != '&'
        && !Ascii.isBlank(b[i])
        && b[i] != '"'
        && b[i] != '<'
        && b[i] != '>') {
      i++;
    }
    return i;
  }

  /**
   * Over the pieces that belong to a masked value: up to the {@code &}, or behind the query up to a
   * piece that has a {@code =}, which may be another parameter.
   */
  private static int valueEnd(byte[] b, int from, int to, int queryEnd) {
    int end = from;
    while (end < to && b[end] != '&') {
      int next = end + 1;
      while (next < to && !isDelimiter(b[next])) {
        if (b[next] == '=' && next >= queryEnd) {
          return end;
        }
        next++;
      }
      end = next;
    }
    return end;
  }

  /**
   * Parameters of a URL that is itself percent-encoded: {@code %3Ftoken%3Dx%26}. Returns where a
   * masked value begins that goes on beyond the piece, or -1.
   */
  private int nested(byte[] b, int from, int to, Ranges out) {
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
        if (end == to) {
          return value;
        }
        out.addEvenEmpty(value, end);
        i = end;
      } else {
        i = Math.max(equals, i + 1);
      }
    }
    return -1;
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
    return matches(b, from, to, true)
        || (Ascii.indexOf(b, from, to, '+') >= 0 && matches(b, from, to, false));
  }

  /**
   * @param plus whether a {@code +} is itself; else it is a blank
   */
  private boolean matches(byte[] b, int from, int to, boolean plus) {
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
      if ((c > ' ' || c < 0) && (plus || c != '+')) {
        decoded[n++] = Ascii.lower(c);
      }
    }
    return masked.match(decoded, 0, n);
  }
}
