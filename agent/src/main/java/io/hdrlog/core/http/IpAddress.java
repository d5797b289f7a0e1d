package io.hdrlog.core.http;

import java.util.Arrays;

/**
 * Addresses as 16 bytes (IPv4 as v4-mapped IPv6) and as text, without going through a String: IPv4
 * dotted, IPv6 as RFC 5952 has it.
 */
public final class IpAddress {
  public static final int TEXT_MAX = 45;

  private static final byte[] HEX = Ascii.bytes("0123456789abcdef");

  private IpAddress() {}

  /** The first eight bytes as a number, as they are written. */
  public static long high(byte[] a) {
    return number(a, 0, 8);
  }

  /** The last eight. */
  public static long low(byte[] a) {
    return number(a, 8, 8);
  }

  /** So many bytes as a number, the first one highest. */
  public static long number(byte[] a, int offset, int length) {
    long number = 0;
    for (int i = offset; i < offset + length; i++) {
      number = number << 8 | (a[i] & 0xff);
    }
    return number;
  }

  /** The opposite: an address's 16 bytes. */
  public static void put(long high, long low, byte[] into) {
    for (int i = 0; i < 8; i++) {
      int shift = 56 - 8 * i;
      into[i] = (byte) (high >>> shift);
      into[8 + i] = (byte) (low >>> shift);
    }
  }

  public static boolean isV4(byte[] a) {
    for (int i = 0; i < 10; i++) {
      if (a[i] != 0) {
        return false;
      }
    }
    return a[10] == -1 && a[11] == -1;
  }

  /** Leaves the network only: /24 or /48. */
  public static void cut(byte[] a) {
    if (isV4(a)) {
      a[15] = 0;
    } else {
      Arrays.fill(a, 6, 16, (byte) 0);
    }
  }

  /** Writes the text and returns where it ends. */
  public static int format(byte[] a, byte[] into, int offset) {
    return isV4(a) ? formatV4(a, into, offset) : formatV6(a, into, offset);
  }

  private static int formatV4(byte[] a, byte[] into, int offset) {
    int at = offset;
    for (int i = 12; i < 16; i++) {
      int v = a[i] & 0xff;
      if (i > 12) {
        into[at++] = '.';
      }
      if (v >= 100) {
        into[at++] = (byte) ('0' + v / 100);
      }
      if (v >= 10) {
        into[at++] = (byte) ('0' + v / 10 % 10);
      }
      into[at++] = (byte) ('0' + v % 10);
    }
    return at;
  }

  private static int formatV6(byte[] a, byte[] into, int offset) {
    int zeros = -1;
    int zerosLength = 1;
    for (int i = 0; i < 8; i++) {
      int n = 0;
      while (i + n < 8 && group(a, i + n) == 0) {
        n++;
      }
      if (n > zerosLength) {
        zeros = i;
        zerosLength = n;
      }
      i += n;
    }
    int at = offset;
    int i = 0;
    while (i < 8) {
      if (i == zeros) {
        into[at++] = ':';
        into[at++] = ':';
        i += zerosLength;
        continue;
      }
      if (i > 0 && into[at - 1] != ':') {
        into[at++] = ':';
      }
      int v = group(a, i++);
      boolean started = false;
      for (int shift = 12; shift >= 0; shift -= 4) {
        int digit = (v >>> shift) & 15;
        started |= digit != 0 || shift == 0;
        if (started) {
          into[at++] = HEX[digit];
        }
      }
    }
    return at;
  }

  private static int group(byte[] a, int i) {
    return (a[i * 2] & 0xff) << 8 | (a[i * 2 + 1] & 0xff);
  }

  /** Reads {@code 192.0.2.1} or {@code 2001:db8::1}; false if it is neither. */
  public static boolean parse(byte[] b, int from, int to, byte[] into) {
    if (to - from > TEXT_MAX) {
      return false;
    }
    if (Ascii.indexOf(b, from, to, ':') >= 0) {
      return parseV6(b, from, to, into);
    }
    Arrays.fill(into, 0, 10, (byte) 0);
    into[10] = -1;
    into[11] = -1;
    return parseV4(b, from, to, into, 12);
  }

  private static boolean parseV4(byte[] b, int from, int to, byte[] into, int at) {
    int i = from;
    for (int part = 0; part < 4; part++) {
      int v = 0;
      int start = i;
      while (i < to && Ascii.isDigit(b[i]) && i - start < 3) {
        v = v * 10 + b[i++] - '0';
      }
      if (i == start || v > 255) {
        return false;
      }
      into[at + part] = (byte) v;
      if (part < 3 && (i >= to || b[i++] != '.')) {
        return false;
      }
    }
    return i == to;
  }

  private static boolean parseV6(byte[] b, int from, int to, byte[] into) {
    Arrays.fill(into, (byte) 0);
    int n = 0;
    int gap = -1;
    int i = from;
    if (to - from >= 2 && b[from] == ':' && b[from + 1] == ':') {
      gap = 0;
      i += 2;
    }
    while (i < to) {
      if (n == 16) {
        return false;
      }
      int start = i;
      int v = 0;
      while (i < to && Ascii.hex(b[i]) >= 0 && i - start < 4) {
        v = v << 4 | Ascii.hex(b[i++]);
      }
      if (i == start) {
        return false;
      }
      if (i < to && b[i] == '.') {
        if (n > 12 || !parseV4(b, start, to, into, n)) {
          return false;
        }
        n += 4;
        i = to;
        break;
      }
      into[n++] = (byte) (v >>> 8);
      into[n++] = (byte) v;
      if (i == to) {
        break;
      }
      if (b[i++] != ':' || i == to) {
        return false;
      }
      if (b[i] == ':') {
        if (gap >= 0) {
          return false;
        }
        gap = n;
        i++;
      }
    }
    if (gap < 0) {
      return n == 16;
    }
    if (n == 16) {
      return false;
    }
    int tail = n - gap;
    System.arraycopy(into, gap, into, 16 - tail, tail);
    Arrays.fill(into, gap, 16 - tail, (byte) 0);
    return true;
  }
}
