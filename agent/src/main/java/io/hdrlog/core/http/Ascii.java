package io.hdrlog.core.http;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** What HTTP needs to know of single bytes, and how to find them eight at a time. */
public final class Ascii {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long ONES = 0x0101010101010101L;
  private static final long HASH = 0x9e3779b97f4a7c15L;
  private static final long HIGHS = 0x8080808080808080L;

  private static final byte[] LOWER = new byte[256];
  private static final boolean[] TOKEN = new boolean[256];

  static {
    for (int i = 0; i < 256; i++) {
      LOWER[i] = (byte) (i >= 'A' && i <= 'Z' ? i + 32 : i);
      TOKEN[i] = i < 128 && (isAlphanumeric(i) || "!#$%&'*+-.^_`|~".indexOf(i) >= 0);
    }
  }

  private Ascii() {}

  public static byte lower(byte b) {
    return LOWER[b & 0xff];
  }

  /** A byte that RFC 9110 allows in a method or in a header's name. */
  public static boolean isToken(byte b) {
    return TOKEN[b & 0xff];
  }

  public static boolean isAlphanumeric(int b) {
    return isDigit(b) || (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
  }

  public static boolean isDigit(int b) {
    return b >= '0' && b <= '9';
  }

  public static boolean isBlank(byte b) {
    return b == ' ' || b == '\t';
  }

  /** 0 to 15, or -1. */
  public static int hex(int b) {
    if (isDigit(b)) {
      return b - '0';
    }
    int lower = b | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  }

  /** True if the bytes spell {@code lower}, which must be in lower case. */
  public static boolean equalsIgnoreCase(byte[] bytes, int offset, int length, byte[] lower) {
    if (length != lower.length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (LOWER[bytes[offset + i] & 0xff] != lower[i]) {
        return false;
      }
    }
    return true;
  }

  /** True if {@code lower} (in lower case) stands at {@code offset} and ends before {@code to}. */
  public static boolean startsWithIgnoreCase(byte[] bytes, int offset, int to, byte[] lower) {
    return to - offset >= lower.length && equalsIgnoreCase(bytes, offset, lower.length, lower);
  }

  public static byte[] bytes(String ascii) {
    return ascii.getBytes(StandardCharsets.ISO_8859_1);
  }

  public static byte[] lowerBytes(String ascii) {
    return bytes(ascii.toLowerCase(Locale.ROOT));
  }

  /** A hash for tables, read eight bytes at a time. */
  public static int hash(byte[] bytes, int offset, int length) {
    long h = length;
    int end = offset + length;
    int i = offset;
    for (; i + 8 <= end; i += 8) {
      h = (h ^ (long) LONG.get(bytes, i)) * HASH;
      h ^= h >>> 32;
    }
    for (; i < end; i++) {
      h = (h ^ bytes[i]) * HASH;
    }
    h ^= h >>> 29;
    return (int) (h ^ h >>> 40);
  }

  /** The first CR or LF at or after {@code from}, or {@code to}. */
  public static int lineEnd(byte[] bytes, int from, int to) {
    int i = from;
    while (i + 8 <= to) {
      long word = (long) LONG.get(bytes, i);
      // Bytes below 0x0e: CR, LF and a few controls, which are looked at one by one below.
      long low = (word - ONES * 0x0e) & ~word & HIGHS;
      if (low == 0) {
        i += 8;
        continue;
      }
      i += Long.numberOfTrailingZeros(low) >>> 3;
      if (bytes[i] == '\n' || bytes[i] == '\r') {
        return i;
      }
      i++;
    }
    while (i < to && bytes[i] != '\n' && bytes[i] != '\r') {
      i++;
    }
    return i;
  }

  /** The first {@code wanted}, which is below 128, in [from, to), or -1. */
  public static int indexOf(byte[] bytes, int from, int to, char wanted) {
    long wanted8 = ONES * wanted;
    int i = from;
    for (; i + 8 <= to; i += 8) {
      long differs = (long) LONG.get(bytes, i) ^ wanted8;
      // The lowest byte that is marked is zero for certain; those above it may not be.
      long zeros = (differs - ONES) & ~differs & HIGHS;
      if (zeros != 0) {
        return i + (Long.numberOfTrailingZeros(zeros) >>> 3);
      }
    }
    for (; i < to; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    return -1;
  }
}
