package io.hdrlog.core.http;

import java.nio.charset.StandardCharsets;

/**
 * The request's id: what its own header says where that is safe, else a UUIDv7.
 *
 * <p>The application's thread and the consumer both ask, at different times, and must get the same
 * answer. So everything comes from what is in the exchange: the head's bytes, when it was first
 * seen, and its random bits; and the offset from the monotonic clock to the wall clock is fixed
 * when the process starts. Safe for use by several threads.
 */
public final class RequestIds {
  public static final int LENGTH_MAX = 128;
  public static final int MADE_LENGTH = 36;

  private static final byte[] HEX = Ascii.bytes("0123456789abcdef");

  private final byte[] lowerName;
  private final long wallOffsetNs;

  /**
   * @param headerName the header to take the id from; empty: none
   * @param wallOffsetNs what to add to System.nanoTime() for nanoseconds since 1970
   */
  public RequestIds(String headerName, long wallOffsetNs) {
    this.lowerName = Ascii.lowerBytes(headerName);
    this.wallOffsetNs = wallOffsetNs;
  }

  /** The header's name in lower case. */
  public byte[] lowerName() {
    return lowerName.clone();
  }

  /** The id of the request whose head this is. */
  public String id(byte[] head, int headLength, long seenNs, long random) {
    int at = skipFirstLine(head, headLength);
    while (at < headLength && lowerName.length > 0) {
      if (startsLine(head, at, headLength)) {
        Field field = new Field();
        if (HeadParser.next(head, at, headLength, field)
            && field.named
            && field.nameLength == lowerName.length) {
          return isSafe(head, field.valueOffset, field.valueLength)
              ? new String(head, field.valueOffset, field.valueLength, StandardCharsets.ISO_8859_1)
              : made(seenNs, random);
        }
      }
      if (head[at] == '\r' || head[at] == '\n') {
        break;
      }
      at = behindLine(head, at, headLength);
    }
    return made(seenNs, random);
  }

  /** The id that is made for a request without a usable one. */
  public String made(long seenNs, long random) {
    byte[] text = new byte[MADE_LENGTH];
    make(seenNs, random, text, 0);
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  /** Writes the made id's {@link #MADE_LENGTH} characters. */
  public void make(long seenNs, long random, byte[] into, int offset) {
    long wallNs = seenNs + wallOffsetNs;
    long ms = Math.floorDiv(wallNs, 1_000_000L);
    // RFC 9562, method 3: the twelve bits after the milliseconds carry their fraction, so that ids
    // sort by time within a millisecond and all 62 bits left are random.
    long fraction = Math.floorMod(wallNs, 1_000_000L) * 4096 / 1_000_000L;
    long high = (ms << 16) | 0x7000 | fraction;
    long low = (random & 0x3fffffffffffffffL) | 0x8000000000000000L;
    int at = hex(high >>> 32, 8, into, offset);
    into[at++] = '-';
    at = hex(high >>> 16, 4, into, at);
    into[at++] = '-';
    at = hex(high, 4, into, at);
    into[at++] = '-';
    at = hex(low >>> 48, 4, into, at);
    into[at++] = '-';
    hex(low, 12, into, at);
  }

  /** 1 to 128 visible ASCII characters. */
  public static boolean isSafe(byte[] bytes, int offset, int length) {
    if (length < 1 || length > LENGTH_MAX) {
      return false;
    }
    for (int i = offset; i < offset + length; i++) {
      if (bytes[i] <= ' ' || bytes[i] > '~') {
        return false;
      }
    }
    return true;
  }

  private boolean startsLine(byte[] head, int at, int limit) {
    return Ascii.startsWithIgnoreCase(head, at, limit, lowerName);
  }

  private static int skipFirstLine(byte[] head, int limit) {
    int at = 0;
    while (at < limit && (head[at] == '\r' || head[at] == '\n')) {
      at++;
    }
    return behindLine(head, at, limit);
  }

  /** A bare CR ends no line here either: see {@link HeadParser}. */
  private static int behindLine(byte[] head, int at, int limit) {
    int end = Ascii.indexOf(head, at, limit, '\n');
    return end < 0 ? limit : end + 1;
  }

  private static int hex(long value, int digits, byte[] into, int offset) {
    for (int i = digits - 1; i >= 0; i--) {
      into[offset + digits - 1 - i] = HEX[(int) (value >>> (i * 4)) & 15];
    }
    return offset + digits;
  }
}
